// Takes pictures from what people choose, drop and paste.

const ENDINGS = /\.(png|jpe?g|bmp|gif|webp|avif|tiff?|ico)$/i;

/**
 * Return the files of a drop, those in folders too.
 * @param {DataTransfer} data
 * @returns {Promise<File[]>}
 */
export async function dropped(data) {
  // Entries must be taken before the first wait: the list is empty afterwards.
  const entries = [...data.items].map((item) => item.webkitGetAsEntry?.()).filter((entry) => entry);
  if (entries.length === 0) return [...data.files];
  const found = await Promise.all(entries.map((entry) => walk(/** @type {FileSystemEntry} */ (entry), true)));
  return found.flat();
}

/**
 * Return the pictures of a chosen folder; other files in it are passed over.
 * @param {Iterable<File>} files
 * @returns {File[]}
 */
export const pictures = (files) => [...files].filter((file) => ENDINGS.test(file.name));

/**
 * Return the pictures of a clipboard. Screenshots all have the same name.
 * @param {DataTransfer} data
 * @returns {File[]}
 */
export const pasted = (data) => [...data.files].filter((file) => file.type.startsWith("image/"));

/**
 * @param {FileSystemEntry} entry
 * @param {boolean} chosen by itself, and not by its folder
 * @returns {Promise<File[]>}
 */
async function walk(entry, chosen) {
  if (entry.isFile) {
    if (!chosen && !ENDINGS.test(entry.name)) return [];
    const file = await new Promise((resolve) => {
      /** @type {FileSystemFileEntry} */ (entry).file(resolve, () => resolve(null));
    });
    return file ? [file] : [];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  const found = [];
  // One call gives a hundred entries at most.
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((resolve) => {
      reader.readEntries(resolve, () => resolve([]));
    });
    if (some.length === 0) return found;
    found.push(...(await Promise.all(some.map((inner) => walk(inner, false)))).flat());
  }
}
