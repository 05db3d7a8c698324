using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace OscLooper.Server.Addressing;

/// <summary>
/// [main] What one imp has in the address space: its addresses, its declarations by leaf number, and the values main knows. A thousand rows have
/// 45,000 addresses, so it is filled where the imp is made, and main only puts it in its place.
/// </summary>
sealed class ImpSpace
{
    const int LongestAddress = 2048;

    readonly AddressTable table = new();
    readonly List<Declaration?> plain = [];
    readonly List<Declaration?[]> repeated = [];
    readonly Dictionary<int, object> contents = [];
    readonly byte[] begin;
    int taken;

    /// <summary>[any] All that a tree has declared until now, with the rows that are there now.</summary>
    public ImpSpace(int slot, Tree tree)
    {
        (Slot, Tree, begin) = (slot, tree, Encoding.UTF8.GetBytes($"/{tree.Name}/"));
        Take();
    }

    public int Slot { get; }
    public Tree Tree { get; }
    public Cells Current { get; } = new();
    public AddressTable Table => table;

    /// <summary>[main] Told of every address that appears (true) or goes (false) from now on.</summary>
    public Action<int, bool>? Changed { get; set; }

    /// <summary>[main] What all its addresses begin with.</summary>
    public ReadOnlySpan<byte> Begin => begin;

    /// <summary>[main] An address that begins with these bytes may be one of its own.</summary>
    public bool MayBeginWith(ReadOnlySpan<byte> bytes) => bytes.StartsWith(begin) || begin.AsSpan().StartsWith(bytes);

    /// <summary>[main] Its leaf numbers, with the slot, in order: as declared, row by row.</summary>
    public List<int> Targets
    {
        get
        {
            var all = new List<int>(table.Count);
            table.Visit(ref all, static (ref List<int> all, ReadOnlySpan<byte> _, int target) => { all.Add(target); return true; });
            all.Sort();
            return all;
        }
    }

    /// <summary>[main] What has been declared since, and which rows came and went; from now on they come and go by themselves.</summary>
    public void Follow()
    {
        Tree.Grown = Grow;
        Take();
        foreach (var rows in Tree.Repeated)
        {
            if (Tree.Declarations.FirstOrDefault(d => d.Rows == rows) is not { } first) continue;
            for (var row = 0; row < rows.Made; row++)
                if (Has(Rows.LeafAt(first.Leaf, row)) != rows.IsAlive(row)) Grow(rows, row, rows.IsAlive(row));
        }
    }

    // A row may come or go meanwhile: it is there with all its leaves, or with none.
    void Take()
    {
        var alive = Tree.Repeated.ToDictionary(r => r, r => Enumerable.Range(0, r.Made).Where(r.IsAlive).ToArray());
        foreach (var declaration in TakeNew())
            if (declaration.Rows is not { } rows) Add(declaration, declaration.Leaf);
            else
                foreach (var row in alive[rows]) Add(declaration, Rows.LeafAt(declaration.Leaf, row));
    }

    /// <summary>[main] Of what was declared, what begins so appears or goes.</summary>
    public void Show(string prefix, bool isThere)
    {
        TakeNew();
        foreach (var declaration in Tree.Declarations)
        {
            if (declaration.Rows is not null || !declaration.Name.StartsWith(prefix, StringComparison.Ordinal)) continue;
            var isKnown = Has(declaration.Leaf);
            if (isThere && !isKnown) Add(declaration, declaration.Leaf);
            else if (!isThere && isKnown) Drop(declaration.Leaf);
        }
    }

    /// <summary>[main] The leaf has an address now.</summary>
    public bool Has(int leaf)
    {
        Span<byte> bytes = stackalloc byte[LongestAddress];
        return table.Find(AddressOf(leaf, bytes)) >= 0;
    }

    void Grow(Rows rows, int row, bool isAdded)
    {
        foreach (var declaration in Tree.Declarations)
        {
            if (declaration.Rows != rows) continue;
            var leaf = Rows.LeafAt(declaration.Leaf, row);
            if (isAdded) Add(declaration, leaf);
            else Drop(leaf);
        }
    }

    void Add(Declaration declaration, int leaf)
    {
        Open(declaration, leaf);
        var target = Slot << Event.LeafBits | leaf;
        Span<byte> bytes = stackalloc byte[LongestAddress];
        if (!table.Add(AddressOf(leaf, bytes), target)) throw new ArgumentException($"{AddressOf(leaf)} is declared twice");
        Changed?.Invoke(target, true);
    }

    void Drop(int leaf)
    {
        Changed?.Invoke(Slot << Event.LeafBits | leaf, false);
        Span<byte> bytes = stackalloc byte[LongestAddress];
        table.Remove(AddressOf(leaf, bytes));
    }

    Declaration[] TakeNew()
    {
        var fresh = Tree.Declarations.Skip(taken).ToArray();
        taken = Tree.Declarations.Count;
        foreach (var declaration in fresh)
        {
            if (declaration.Rows is null)
            {
                while (plain.Count <= declaration.Leaf) plain.Add(null);
                plain[declaration.Leaf] = declaration;
                continue;
            }
            var branch = BranchOf(declaration.Leaf);
            while (repeated.Count <= branch) repeated.Add(new Declaration?[Rows.Stride]);
            repeated[branch][(declaration.Leaf - Rows.FirstLeaf) % Rows.Stride] = declaration;
        }
        return fresh;
    }

    /// <summary>[main] The declaration of a leaf number; null when there is none.</summary>
    public Declaration? DeclarationOf(int leaf)
    {
        if (leaf < Rows.FirstLeaf) return leaf < plain.Count ? plain[leaf] : null;
        var branch = BranchOf(leaf);
        return branch < repeated.Count ? repeated[branch][(leaf - Rows.FirstLeaf) % Rows.Stride] : null;
    }

    void Open(Declaration declaration, int leaf)
    {
        double Initial(int i) => declaration.Specs.Count > i ? declaration.Specs[i].Initial : 0;
        Current.Open(leaf, Initial(0), Initial(1), Initial(2));
        contents.Remove(leaf);
    }

    /// <summary>[main] The text or bytes of a setting.</summary>
    public object Content(int leaf, Declaration declaration) =>
        contents.TryGetValue(leaf, out var content) ? content : declaration.Specs[0].Kind == SpecKind.Blob ? Array.Empty<byte>() : declaration.Specs[0].InitialText;

    public void SetContent(int leaf, object content) => contents[leaf] = content;

    public string AddressOf(int leaf)
    {
        var declaration = DeclarationOf(leaf);
        if (declaration is null) return "/" + Tree.Name;
        return declaration.Rows is { } rows
            ? $"/{Tree.Name}/{rows.Name}/{Rows.RowOf(leaf) + 1}/{declaration.Name}"
            : $"/{Tree.Name}/{declaration.Name}";
    }

    /// <summary>[main] The same as bytes, without making a text when there is room for it.</summary>
    public ReadOnlySpan<byte> AddressOf(int leaf, Span<byte> room)
    {
        var declaration = DeclarationOf(leaf);
        var fits = declaration?.Rows is { } rows
            ? Utf8.TryWrite(room, CultureInfo.InvariantCulture, $"/{Tree.Name}/{rows.Name}/{Rows.RowOf(leaf) + 1}/{declaration.Name}", out var count)
            : Utf8.TryWrite(room, CultureInfo.InvariantCulture, $"/{Tree.Name}/{declaration?.Name}", out count);
        return fits ? room[..count] : Encoding.UTF8.GetBytes(AddressOf(leaf));
    }

    static int BranchOf(int leaf) => (leaf - Rows.FirstLeaf) / (Rows.Stride * Rows.MaxRows);
}
