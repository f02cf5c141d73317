import type { Facts } from "../base/errors";

/** What to do with text that is not as it should be: the sentence that says so, and what is in it. @internal */
export type Refuse = (sentence: string, facts: Facts) => never;

const ZERO = 0x30;

/**
 * Reads a header token by token, out of the bytes themselves, so that every error knows its place. Whitespace between
 * tokens is skipped. Nothing is evaluated.
 * @internal
 */
export class Scanner {
  constructor(
    readonly bytes: Uint8Array,
    /** Where the next byte is read. */
    public at: number,
    /** Where the header ends. */
    readonly end: number,
    private readonly refuse: Refuse,
  ) {}

  /** The next byte that is no whitespace; -1 at the end. */
  peek(): number {
    while (this.at < this.end) {
      const byte = this.bytes[this.at];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte;
      this.at++;
    }
    return -1;
  }

  /** Whether a character comes next. */
  sees(character: string): boolean {
    return this.peek() === character.charCodeAt(0);
  }

  /** Goes past a character, if it comes next. */
  take(character: string): boolean {
    const seen = this.sees(character);
    if (seen) this.at++;
    return seen;
  }

  /** Goes past a character that must come next. */
  expect(character: string, wanted = JSON.stringify(character)): void {
    if (!this.take(character)) this.reject(wanted);
  }

  /** Goes past a word, if it comes next. */
  takeWord(word: string): boolean {
    this.peek();
    for (let i = 0; i < word.length; i++) if (this.bytes[this.at + i] !== word.charCodeAt(i)) return false;
    if (this.at + word.length > this.end) return false;
    this.at += word.length;
    return true;
  }

  /** An integer >= 0 written with digits, as large as a number holds exactly. */
  integer(wanted: string): number {
    const first = this.peek();
    const start = this.at;
    let value = 0;
    while (this.at < this.end) {
      const digit = this.bytes[this.at] - ZERO;
      if (digit < 0 || digit > 9 || (this.at > start && first === ZERO)) break;
      value = value * 10 + digit;
      if (value > Number.MAX_SAFE_INTEGER) this.reject(`${wanted} below 2^53`, start, "a larger integer");
      this.at++;
    }
    if (this.at === start) this.reject(wanted);
    return value;
  }

  /** Refuses what comes next, or what stands at `at`. */
  reject(wanted: string, at: number = this.at, found: string = this.found(at)): never {
    const ends = at >= this.end;
    const sentence = `the header ${ends ? "ends" : `has ${found}`} at byte ${at}, where ${wanted} is expected.`;
    return this.refuse(sentence, { wanted, found: ends ? null : found, at });
  }

  private found(at: number): string {
    if (at >= this.end) return "";
    const byte = this.bytes[at];
    if (byte < 0x20 || byte > 0x7e) return `0x${byte.toString(16).padStart(2, "0")}`;
    return JSON.stringify(String.fromCharCode(byte));
  }
}
