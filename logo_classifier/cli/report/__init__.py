"""`report`: a folder of logos as one page to read and to mail."""
