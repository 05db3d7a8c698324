using System.Text;
using OscLooper.Osc;

namespace OscLooper.Server.Addressing;

/// <summary>[main] One tree of everything that can be said to the server: the imps' trees merged, looked up by the bytes of an address.</summary>
public sealed class AddressSpace
{
    const int LongestAddress = 2048;
    readonly AddressTable table = new();
    readonly List<ImpSpace?> imps = [];
    readonly PatternCache patterns;

    /// <summary>[main] An empty space.</summary>
    public AddressSpace() => patterns = new PatternCache(table);

    /// <summary>[main] Counts every change of what is in it.</summary>
    public int Version { get; private set; }
    /// <summary>[main] How many addresses there are.</summary>
    public int Count => table.Count;
    /// <summary>[main] Bytes that the look-up table occupies.</summary>
    public long TableBytes => table.Bytes;
    /// <summary>[main] How many imps there are.</summary>
    public int Imps => imps.Count(i => i is not null);
    /// <summary>[main] Told of every address that appears (true) or goes (false).</summary>
    public event Action<int, bool>? Changed;

    /// <summary>[main] Adds an imp's tree; its rows come and go by themselves from now on.</summary>
    public void Merge(int slot, Tree tree)
    {
        while (imps.Count <= slot) imps.Add(null);
        if (imps[slot] is not null) throw new ArgumentException($"slot {slot} is taken");
        if (imps.Any(i => i?.Tree.Name == tree.Name)) throw new ArgumentException($"there is an imp named {tree.Name} already");
        var imp = imps[slot] = new ImpSpace(slot, tree);
        tree.Grown = (rows, row, added) => Grow(imp, rows, row, added);
        foreach (var declaration in imp.TakeNew())
        {
            if (declaration.Rows is not { } rows) Add(imp, declaration, declaration.Leaf);
            else
                for (var row = 0; row < rows.Made; row++)
                    if (rows.IsAlive(row)) Add(imp, declaration, Rows.LeafAt(declaration.Leaf, row));
        }
    }

    /// <summary>[main] There are addresses that begin with this name.</summary>
    public bool IsTaken(string name) => imps.Any(i => i?.Tree.Name == name);

    /// <summary>[main] Takes an imp's tree away.</summary>
    public void Remove(int slot)
    {
        if (slot >= imps.Count || imps[slot] is not { } imp) return;
        imp.Tree.Grown = null;
        foreach (var target in TargetsOf(slot)) Drop(imp, NumberOf(target));
        imps[slot] = null;
    }

    /// <summary>[main] The leaf number of an address, or -1.</summary>
    public int Find(ReadOnlySpan<byte> address) => table.Find(address);

    /// <summary>[main] The leaf of an address.</summary>
    public bool TryFind(string address, out Leaf leaf)
    {
        var target = Find(Encoding.UTF8.GetBytes(address));
        leaf = target < 0 ? default : this[target];
        return target >= 0;
    }

    /// <summary>[main] The leaf of a number.</summary>
    public Leaf this[int target] => new(this, target, DeclarationOf(target)!);

    /// <summary>[main] Every leaf, ordered by imp, then as declared, row by row.</summary>
    public IReadOnlyList<Leaf> Leaves
    {
        get
        {
            var targets = new List<int>(Count);
            table.Visit(ref targets, static (ref List<int> all, ReadOnlySpan<byte> _, int target) => { all.Add(target); return true; });
            targets.Sort();
            return [.. targets.Select(t => this[t])];
        }
    }

    /// <summary>[main] Every leaf of one imp, as declared, row by row.</summary>
    public IReadOnlyList<Leaf> LeavesOf(int slot) => [.. TargetsOf(slot).Select(t => this[t])];

    List<int> TargetsOf(int slot)
    {
        var state = (Slot: slot, All: new List<int>());
        table.Visit(ref state, static (ref (int Slot, List<int> All) s, ReadOnlySpan<byte> _, int target) =>
        {
            if (target >> Event.LeafBits == s.Slot) s.All.Add(target);
            return true;
        });
        state.All.Sort();
        return state.All;
    }

    /// <summary>[main] Takes up what an imp has declared since it was merged; of what was declared before, what is named appears or goes.</summary>
    internal void Show(int slot, string prefix, bool isThere)
    {
        if (slot >= imps.Count || imps[slot] is not { } imp) return;
        imp.TakeNew();
        foreach (var declaration in imp.Tree.Declarations)
        {
            if (declaration.Rows is not null || !declaration.Name.StartsWith(prefix, StringComparison.Ordinal)) continue;
            var isKnown = Find(Encoding.UTF8.GetBytes(imp.AddressOf(declaration.Leaf))) >= 0;
            if (isThere && !isKnown) Add(imp, declaration, declaration.Leaf);
            else if (!isThere && isKnown) Drop(imp, declaration.Leaf);
        }
    }

    /// <summary>[main] Leaf numbers that a pattern matches, in order of number; remembered until the space changes. Valid until the next call.</summary>
    public ReadOnlySpan<int> Match(ReadOnlySpan<byte> pattern) => patterns.Match(pattern, Version);

    /// <summary>[main] Addresses on which patterns were tried since the start.</summary>
    public long PatternTries => patterns.Tries;

    /// <summary>[main] Whether one leaf's address matches a subscription's pattern: tried for each address that comes, so most differ at the first look.</summary>
    internal bool Matches(Subscription one, int target)
    {
        var address = BytesOf(target);
        var pattern = one.Pattern.AsSpan();
        return address.StartsWith(pattern[..one.LiteralStart]) && pattern.Length <= PatternCache.LongestPattern
            && (one.LiteralStart == pattern.Length ? address.Length == pattern.Length : OscPattern.Matches(pattern, address));
    }

    /// <summary>[main] Full address of a leaf number (made on demand).</summary>
    public string AddressOf(int target) => ImpOf(target)?.AddressOf(NumberOf(target)) ?? "/";

    internal Declaration? DeclarationOf(int target) => ImpOf(target)?.DeclarationOf(NumberOf(target));

    /// <summary>[main] True while the leaf exists: a row that was removed keeps its numbers, but nobody may be told of it.</summary>
    internal bool IsAlive(int target) =>
        DeclarationOf(target) is { } declaration && (declaration.Rows is not { } rows || rows.IsAlive(Rows.RowOf(NumberOf(target))));

    internal Cell ValueOf(int target)
    {
        var imp = ImpOf(target)!;
        var leaf = NumberOf(target);
        return imp.DeclarationOf(leaf)!.IsSampled ? imp.Tree.Audio.Cells[leaf] : imp.Current[leaf];
    }

    /// <summary>[main] An imp's leaves that have addresses now, as declared, row by row; what has not been declared by then is not among them.</summary>
    internal IEnumerable<int> Shown(int slot, Func<Declaration, bool> wanted)
    {
        if (slot >= imps.Count || imps[slot] is not { } imp) yield break;
        int TargetOf(Declaration leaf, int row) => slot << Event.LeafBits | Rows.LeafAt(leaf.Leaf, row);
        foreach (var leaf in imp.Tree.Declarations)
            if (leaf.Rows is null && wanted(leaf) && Find(Encoding.UTF8.GetBytes(imp.AddressOf(leaf.Leaf))) >= 0) yield return TargetOf(leaf, 0);
        foreach (var rows in imp.Tree.Repeated)
        {
            Declaration[] leaves = [.. imp.Tree.Declarations.Where(d => d.Rows == rows && wanted(d))];
            for (var row = 0; row < rows.Made && leaves.Length > 0; row++)
                if (rows.IsAlive(row))
                    foreach (var leaf in leaves) yield return TargetOf(leaf, row);
        }
    }

    /// <summary>[main] What the audio side keeps, whatever was reported.</summary>
    internal Cell LiveValueOf(int target) => ImpOf(target)!.Tree.Audio.Cells[NumberOf(target)];

    /// <summary>[main] Whether somebody is told of every change of a leaf: then the audio side wakes main for it.</summary>
    internal void Watch(int target, bool isWatched) => ImpOf(target)?.Tree.Audio.Watched.Set(NumberOf(target), isWatched);

    internal void SetValue(int target, in Cell value) => ImpOf(target)!.Current[NumberOf(target)] = value;

    /// <summary>[main] The text or bytes of a setting; empty for numbers.</summary>
    internal object ContentOf(int target) =>
        DeclarationOf(target) is { Kind: LeafKind.Setting } setting ? ImpOf(target)!.Content(NumberOf(target), setting) : "";

    internal string TextOf(int target) => ContentOf(target) as string ?? "";

    internal void SetContent(int target, object content) => ImpOf(target)!.SetContent(NumberOf(target), content);

    static int NumberOf(int target) => target & ((1 << Event.LeafBits) - 1);

    ImpSpace? ImpOf(int target)
    {
        var slot = target >> Event.LeafBits;
        return (uint)slot < (uint)imps.Count ? imps[slot] : null;
    }

    void Grow(ImpSpace imp, Rows rows, int row, bool added)
    {
        foreach (var declaration in imp.Tree.Declarations)
        {
            if (declaration.Rows != rows) continue;
            var leaf = Rows.LeafAt(declaration.Leaf, row);
            if (added) Add(imp, declaration, leaf);
            else Drop(imp, leaf);
        }
    }

    // A thousand rows have 45,000 addresses: so each is made as bytes, in one place, which whoever is told of it also looks at.
    readonly byte[] present = new byte[LongestAddress];
    int presentTarget = -1, presentLength;

    ReadOnlySpan<byte> BytesOf(int target)
    {
        if (target == presentTarget) return present.AsSpan(0, presentLength);
        presentTarget = -1;
        if (ImpOf(target) is not { } imp || (presentLength = imp.WriteAddress(NumberOf(target), present)) == 0) return Encoding.UTF8.GetBytes(AddressOf(target));
        presentTarget = target;
        return present.AsSpan(0, presentLength);
    }

    void Add(ImpSpace imp, Declaration declaration, int leaf)
    {
        imp.Open(declaration, leaf);
        var target = imp.Slot << Event.LeafBits | leaf;
        presentTarget = -1;
        if (!table.Add(BytesOf(target), target)) throw new ArgumentException($"{imp.AddressOf(leaf)} is declared twice");
        Version++;
        Changed?.Invoke(target, true);
        presentTarget = -1;
    }

    void Drop(ImpSpace imp, int leaf)
    {
        var target = imp.Slot << Event.LeafBits | leaf;
        presentTarget = -1;
        Changed?.Invoke(target, false);
        table.Remove(BytesOf(target));
        presentTarget = -1;
        Version++;
    }
}
