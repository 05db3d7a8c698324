namespace OscLooper;

/// <summary>[any] Up to three numbers of one leaf.</summary>
public struct Cell
{
    /// <summary>[any] First number.</summary>
    public double A;
    /// <summary>[any] Second number.</summary>
    public double B;
    /// <summary>[any] Third number.</summary>
    public double C;
}

/// <summary>[audio] The live numbers of one imp, by leaf number. Owned by the audio side; pages appear before the first use.</summary>
public sealed class Cells
{
    const int PageBits = 10, PageSize = 1 << PageBits;
    readonly Cell[]?[] pages = new Cell[1 << (Event.LeafBits - PageBits)][];

    /// <summary>[any] The cell of a leaf whose page exists.</summary>
    public ref Cell this[int leaf] => ref pages[leaf >> PageBits]![leaf & (PageSize - 1)];

    /// <summary>[main] Makes sure that the cell can be used, and gives it its first value.</summary>
    internal void Open(int leaf, double a, double b, double c)
    {
        ref var page = ref pages[leaf >> PageBits];
        if (page is null) Volatile.Write(ref page, new Cell[PageSize]);
        page![leaf & (PageSize - 1)] = new Cell { A = a, B = b, C = c };
    }
}
