/** The name of an axis, as in einsum. */
export type Label = string;

/** A label: its size, what it was cut into or became, how many became it, and whether it must stay in one piece. */
interface Named {
  readonly size: number;
  parts: readonly Label[] | null;
  members: number;
  readonly whole: boolean;
}

/**
 * Labels of axes that may still be found to be the same, or be cut where a reshape cuts: a union-find with splitting. A label
 * that was cut stands for its parts, row by row.
 */
export class Labels {
  private readonly known = new Map<Label, Named>();

  /** A new label as an axis; an axis of size 1 needs none. `whole`: it must not be cut. */
  make(size: number, whole = false): Label[] {
    if (size === 1 && !whole) return [];
    const label = `.${this.known.size}`;
    this.known.set(label, { size, parts: null, members: 1, whole });
    return [label];
  }

  private named(label: Label): Named {
    const found = this.known.get(label);
    if (found === undefined) throw new RangeError(`no label ${label}`);
    return found;
  }

  size(label: Label): number {
    return this.named(label).size;
  }

  isWhole(label: Label): boolean {
    return this.named(label).whole;
  }

  /** How many positions labels have together. */
  product(labels: readonly Label[]): number {
    return labels.reduce((n, label) => n * this.size(label), 1);
  }

  /** What labels are by now. */
  resolve(labels: readonly Label[]): Label[] {
    return labels.flatMap((label) => {
      const { parts } = this.named(label);
      return parts === null ? [label] : this.resolve(parts);
    });
  }

  /** Makes two axes one; false where they have no common cut. */
  unify(first: readonly Label[], second: readonly Label[]): boolean {
    const [a, b] = [this.resolve(first), this.resolve(second)];
    while (a.length > 0 && b.length > 0) {
      const [x, y] = [this.headOf(a), this.headOf(b)];
      const [m, n] = [this.size(x), this.size(y)];
      if (m === n) {
        if (x !== y) this.merge(this.named(x), x, this.named(y), y);
        a.shift();
        b.shift();
      } else if (m > n ? !this.cut(x, y, a) : !this.cut(y, x, b)) return false;
      else (m > n ? b : a).shift();
    }
    return a.length === 0 && b.length === 0;
  }

  /** The first label of an axis. What was cut or merged before may stand there once more. */
  private headOf(axis: Label[]): Label {
    axis.splice(0, 1, ...this.resolve([axis[0]]));
    return axis[0];
  }

  /** One label becomes the other: that of fewer members, unless it must stay whole. No label is many steps from what it became. */
  private merge(a: Named, x: Label, b: Named, y: Label): void {
    const first = a.whole === b.whole ? a.members >= b.members : a.whole;
    const [kept, other] = first ? [a, b] : [b, a];
    kept.members += other.members;
    other.parts = [first ? x : y];
  }

  /** Cuts the first label of an axis after one of fewer positions, which it then begins with. */
  private cut(label: Label, head: Label, axis: Label[]): boolean {
    const [m, n] = [this.size(label), this.size(head)];
    if (n === 0 || m % n !== 0 || this.isWhole(label)) return false;
    const rest = this.make(m / n);
    this.named(label).parts = [head, ...rest];
    axis.splice(0, 1, ...rest);
    return true;
  }

  /** The axes that a reshape makes of labels; null where an axis ends inside a label that has no cut there. */
  regroup(labels: readonly Label[], shape: readonly number[]): Label[][] | null {
    if (shape.includes(0)) return null;
    const rest = this.resolve(labels);
    const axes: Label[][] = [];
    for (const size of shape) {
      const axis: Label[] = [];
      for (let left = size; left > 1; ) {
        if (rest.length === 0) return null;
        const label = this.headOf(rest);
        const n = this.size(label);
        if (left % n === 0) {
          axis.push(label);
          left /= n;
          rest.shift();
          continue;
        }
        const [head] = this.make(left);
        if (!this.cut(label, head, rest)) return null;
        axis.push(head);
        left = 1;
      }
      axes.push(axis);
    }
    return axes;
  }
}
