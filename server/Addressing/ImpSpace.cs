using System.Globalization;
using System.Text.Unicode;

namespace OscLooper.Server.Addressing;

/// <summary>[main] What one imp has in the address space: its declarations by leaf number, and the values main knows.</summary>
sealed class ImpSpace
{
    readonly List<Declaration?> plain = [];
    readonly List<Declaration?[]> repeated = [];
    readonly Dictionary<int, object> contents = [];
    int taken;

    public ImpSpace(int slot, Tree tree) => (Slot, Tree) = (slot, tree);

    public int Slot { get; }
    public Tree Tree { get; }
    public Cells Current { get; } = new();

    /// <summary>[main] Takes what has been declared since the last time; returns the new ones.</summary>
    public IEnumerable<Declaration> TakeNew()
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

    /// <summary>[main] Gives a leaf its first values.</summary>
    public void Open(Declaration declaration, int leaf)
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

    /// <summary>[main] The same as bytes, without making a text; how many they are (0: there is not room).</summary>
    public int WriteAddress(int leaf, Span<byte> into)
    {
        var declaration = DeclarationOf(leaf);
        int count;
        if (declaration?.Rows is { } rows) return Utf8.TryWrite(into, CultureInfo.InvariantCulture, $"/{Tree.Name}/{rows.Name}/{Rows.RowOf(leaf) + 1}/{declaration.Name}", out count) ? count : 0;
        return Utf8.TryWrite(into, CultureInfo.InvariantCulture, $"/{Tree.Name}/{declaration?.Name}", out count) ? count : 0;
    }

    static int BranchOf(int leaf) => (leaf - Rows.FirstLeaf) / (Rows.Stride * Rows.MaxRows);
}
