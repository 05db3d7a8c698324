using System.Text;
using OscLooper.Osc;

namespace OscLooper.Server.Addressing;

/// <summary>[main] One tree of everything that can be said to the server: the imps' trees merged, looked up by the bytes of an address.</summary>
public sealed class AddressSpace
{
    const int LongestAddress = 2048;
    // By slot; and the slot by the first part of the address.
    readonly List<ImpSpace?> imps = [];
    readonly AddressTable names = new();
    readonly PatternCache patterns;
    ImpSpace? recent;

    /// <summary>[main] An empty space.</summary>
    public AddressSpace() => patterns = new PatternCache(imps);

    /// <summary>[main] Counts every change of what is in it.</summary>
    public int Version { get; private set; }
    /// <summary>[main] How many addresses there are.</summary>
    public int Count => imps.Sum(i => i?.Table.Count ?? 0);
    /// <summary>[main] Bytes that the look-up tables occupy.</summary>
    public long TableBytes => names.Bytes + imps.Sum(i => i?.Table.Bytes ?? 0);
    /// <summary>[main] How many imps there are.</summary>
    public int Imps => names.Count;
    /// <summary>[main] Told of an imp whose addresses appear all at once.</summary>
    internal event Action<ImpSpace>? Merged;
    /// <summary>[main] Told of every other address that appears (true), and of each that goes (false).</summary>
    public event Action<int, bool>? Changed;

    /// <summary>[main] Puts an imp's addresses in their place.</summary>
    internal void Merge(ImpSpace imp)
    {
        while (imps.Count <= imp.Slot) imps.Add(null);
        if (imps[imp.Slot] is not null) throw new ArgumentException($"slot {imp.Slot} is taken");
        if (IsTaken(imp.Tree.Name)) throw new ArgumentException($"there is an imp named {imp.Tree.Name} already");
        imp.Follow();
        names.Add(Encoding.UTF8.GetBytes(imp.Tree.Name), imp.Slot);
        imps[imp.Slot] = imp;
        imp.Changed = (target, isAdded) =>
        {
            Version++;
            Tell(target, isAdded);
        };
        Version++;
        Merged?.Invoke(imp);
    }

    /// <summary>[main] There are addresses that begin with this name.</summary>
    public bool IsTaken(string name) => names.Find(Encoding.UTF8.GetBytes(name)) >= 0;

    /// <summary>[main] Takes an imp's addresses away.</summary>
    public void Remove(int slot)
    {
        if (slot >= imps.Count || imps[slot] is not { } imp) return;
        imp.Tree.Grown = null;
        foreach (var target in imp.Targets) Tell(target, false);
        names.Remove(Encoding.UTF8.GetBytes(imp.Tree.Name));
        imps[slot] = recent = null;
        Version++;
    }

    /// <summary>[main] The leaf number of an address, or -1.</summary>
    public int Find(ReadOnlySpan<byte> address)
    {
        // Most messages are for the imp that had the last one.
        if (recent is not null && address.StartsWith(recent.Begin)) return recent.Table.Find(address);
        if (address.IsEmpty || address[0] != (byte)'/') return -1;
        var length = address[1..].IndexOf((byte)'/');
        var slot = length < 0 ? -1 : names.Find(address.Slice(1, length));
        if (slot < 0) return -1;
        recent = imps[slot]!;
        return recent.Table.Find(address);
    }

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
    public IReadOnlyList<Leaf> Leaves => [.. imps.SelectMany(i => i?.Targets ?? []).Select(t => this[t])];

    /// <summary>[main] Every leaf of one imp, as declared, row by row.</summary>
    public IReadOnlyList<Leaf> LeavesOf(int slot) => [.. TargetsOf(slot).Select(t => this[t])];

    /// <summary>[main] The leaf numbers of one imp, as declared, row by row.</summary>
    internal IReadOnlyList<int> TargetsOf(int slot) => slot < imps.Count && imps[slot] is { } imp ? imp.Targets : [];

    /// <summary>[main] Takes up what an imp has declared since it was merged; of what was declared before, what is named appears or goes.</summary>
    internal void Show(int slot, string prefix, bool isThere)
    {
        if (slot < imps.Count) imps[slot]?.Show(prefix, isThere);
    }

    /// <summary>[main] Leaf numbers that a pattern matches, in order of number; remembered until the space changes. Valid until the next call.</summary>
    public ReadOnlySpan<int> Match(ReadOnlySpan<byte> pattern)
    {
        if (OscPattern.HasWildcards(pattern)) return patterns.Match(pattern, Version);
        only[0] = pattern.Length > PatternCache.LongestPattern ? -1 : Find(pattern);
        return only[0] < 0 ? [] : only;
    }

    readonly int[] only = new int[1];

    /// <summary>[main] The leaves of one imp that a pattern matches, in order of number.</summary>
    internal static List<int> MatchIn(ImpSpace imp, ReadOnlySpan<byte> pattern)
    {
        var found = new List<int>();
        if (OscPattern.HasWildcards(pattern))
        {
            PatternCache.Collect(imp, pattern, found);
            found.Sort();
        }
        else if (imp.Table.Find(pattern) is >= 0 and var only) found.Add(only);
        return found;
    }

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

    /// <summary>[main] The same as characters, without making a text: valid until the next call.</summary>
    internal ReadOnlySpan<char> CharactersOf(int target)
    {
        var bytes = BytesOf(target);
        if (bytes.Length > characters.Length) return AddressOf(target);
        return characters.AsSpan(0, Encoding.UTF8.GetChars(bytes, characters));
    }

    readonly char[] characters = new char[LongestAddress];

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
            if (leaf.Rows is null && wanted(leaf) && imp.Has(leaf.Leaf)) yield return TargetOf(leaf, 0);
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

    // Each address is made as bytes, in one place, which whoever is told of it looks at.
    readonly byte[] present = new byte[LongestAddress];
    int presentTarget = -1, presentLength;

    ReadOnlySpan<byte> BytesOf(int target)
    {
        if (target != presentTarget && ImpOf(target) is { } imp)
        {
            var bytes = imp.AddressOf(NumberOf(target), present);
            if (bytes.Length > present.Length) return bytes;
            (presentTarget, presentLength) = (target, bytes.Length);
        }
        return target == presentTarget ? present.AsSpan(0, presentLength) : [];
    }

    void Tell(int target, bool isAdded)
    {
        presentTarget = -1;
        Changed?.Invoke(target, isAdded);
    }
}
