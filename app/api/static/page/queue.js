// Works on few items at a time, and lets all wait when the service asks for it.

/**
 * @template Item
 */
export class Queue {
  /**
   * @param {(item: Item) => Promise<number>} work returns the seconds to wait before the item is
   *   worked on again, or 0 if it is done
   * @param {number} atOnce
   */
  constructor(work, atOnce) {
    this.work = work;
    this.free = atOnce;
    /** @type {Item[]} */
    this.waiting = [];
    this.pausedUntil = 0;
  }

  /** @param {Item} item */
  add(item) {
    this.waiting.push(item);
    this.next();
  }

  /** @param {Item} item */
  drop(item) {
    this.waiting = this.waiting.filter((other) => other !== item);
  }

  next() {
    const left = this.pausedUntil - Date.now();
    if (left > 0) return;
    while (this.free > 0) {
      const item = this.waiting.shift();
      if (item === undefined) return;
      this.start(item);
    }
  }

  /** @param {Item} item */
  async start(item) {
    this.free -= 1;
    const seconds = await this.work(item);
    this.free += 1;
    if (seconds > 0) {
      this.waiting.unshift(item);
      this.pausedUntil = Math.max(this.pausedUntil, Date.now() + seconds * 1000);
      setTimeout(() => this.next(), seconds * 1000 + 10);
    }
    this.next();
  }
}
