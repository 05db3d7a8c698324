namespace OscLooper;

/// <summary>
/// [main] A repeated branch (channel/1, channel/2 ...): declared once, its leaves are rows found by index arithmetic,
/// so a thousand channels cost numbers, not objects. Row r is called number r+1 on the wire and is never given twice.
/// </summary>
public sealed class Rows
{
    /// <summary>[any] Leaves that one row may have.</summary>
    public const int Stride = 64;
    /// <summary>[any] Rows that one repeated branch may ever get while the server runs.</summary>
    public const int MaxRows = 8192;
    internal const int FirstLeaf = 4096;

    readonly Tree tree;
    readonly List<bool> alive = [];

    internal Rows(Tree tree, string name, int firstLeaf) => (this.tree, Name, First) = (tree, name, firstLeaf);

    /// <summary>[any] Path of the repeated branch, e.g. "channel".</summary>
    public string Name { get; }
    internal int First { get; }

    /// <summary>[main] The branch in which the leaves of every row are declared.</summary>
    public Branch Each => new(tree, "", this);

    /// <summary>[main] How many rows were ever made; also the next row.</summary>
    public int Made => alive.Count;

    /// <summary>[main] True while the row exists.</summary>
    public bool IsAlive(int row) => row >= 0 && row < alive.Count && alive[row];

    /// <summary>[main] Adds a row; its addresses exist from now on. Returns the row (number minus 1), or -1 when no number is left.</summary>
    public int Add()
    {
        if (alive.Count >= MaxRows) return -1;
        Restore(alive.Count);
        return alive.Count - 1;
    }

    /// <summary>[main] Makes a certain row exist, also one that was removed or would come later: what was saved comes back under its number. False when there is no such number.</summary>
    public bool Restore(int row)
    {
        if (row is < 0 or >= MaxRows) return false;
        while (alive.Count <= row) alive.Add(false);
        if (alive[row]) return true;
        alive[row] = true;
        foreach (var leaf in tree.Declarations)
            if (leaf.Rows == this) tree.Open(leaf, row);
        tree.Grown?.Invoke(this, row, true);
        return true;
    }

    /// <summary>[main] Takes a row's addresses away.</summary>
    public void Remove(int row)
    {
        if (!IsAlive(row)) return;
        alive[row] = false;
        tree.Grown?.Invoke(this, row, false);
    }

    internal static int RowOf(int leaf) => leaf < FirstLeaf ? -1 : (leaf - FirstLeaf) / Stride % MaxRows;

    internal static bool SameLeaf(int leaf, int declared) =>
        leaf < FirstLeaf || declared < FirstLeaf
            ? leaf == declared
            : (leaf - FirstLeaf) % Stride == (declared - FirstLeaf) % Stride
              && (leaf - FirstLeaf) / (Stride * MaxRows) == (declared - FirstLeaf) / (Stride * MaxRows);

    internal static int LeafAt(int leaf, int row) =>
        leaf < FirstLeaf ? leaf : FirstLeaf + (leaf - FirstLeaf) / (Stride * MaxRows) * (Stride * MaxRows) + row * Stride + (leaf - FirstLeaf) % Stride;
}
