"""Labels and their pictures: fetch them, read them, and split them into folds by brand and look."""
