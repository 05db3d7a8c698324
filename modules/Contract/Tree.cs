namespace OscLooper;

/// <summary>
/// [main] Everything one imp has declared. It is filled on whatever thread constructs the module and merged into the server's
/// address space by main when the constructor has returned.
/// </summary>
public sealed class Tree
{
    readonly List<Declaration> declarations = [];
    readonly List<Rows> rows = [];
    int nextLeaf;

    internal Tree(string name, Desk desk, AudioFormat format, ModuleSettings settings = default) =>
        (Name, Desk, Format, Settings, Root) = (name, desk, format, settings, new Branch(this, "", null));

    /// <summary>[any] Name of the imp: the first part of its addresses.</summary>
    public string Name { get; }
    /// <summary>[main] Where the module declares.</summary>
    public Branch Root { get; }
    /// <summary>[any] All that was declared, in order.</summary>
    public IReadOnlyList<Declaration> Declarations => declarations;
    /// <summary>[any] The repeated branches.</summary>
    public IReadOnlyList<Rows> Repeated => rows;
    internal Desk Desk { get; }
    internal AudioFormat Format { get; }
    internal ModuleSettings Settings { get; }
    internal AudioSide Audio { get; } = new();
    internal List<(string Name, int FirstLane, int Lanes)> Ins { get; } = [];
    internal List<(string Name, int FirstLane, int Lanes)> Outs { get; } = [];
    internal List<string> NoteIns { get; } = [];
    internal List<string> NoteOuts { get; } = [];
    /// <summary>[main] Told when a row appears (true) or goes (false).</summary>
    internal Action<Rows, int, bool>? Grown { get; set; }

    internal int Add(string name, LeafKind kind, Spec[] specs, string summary, Traits traits, Rows? inRows, Action<JobCall>? run, Func<SettingChange, bool>? change)
    {
        if (kind is LeafKind.Parameter or LeafKind.Command && specs.Length > 3)
            throw new ArgumentException($"{Name}/{name}: a {kind} has at most three numbers.");
        if (kind is LeafKind.Parameter or LeafKind.Command && specs.Any(s => s.Kind != SpecKind.Number))
            throw new ArgumentException($"{Name}/{name}: a {kind} takes numbers only; texts belong to a Setting or a Job.");
        Check(name);
        if (declarations.Any(d => d.Name == name && d.Rows == inRows))
            throw new ArgumentException($"{Name}/{name} is declared twice.");

        var leaf = inRows is null ? nextLeaf++ : inRows.First + declarations.Count(d => d.Rows == inRows);
        if (inRows is null ? leaf >= Rows.FirstLeaf : leaf >= inRows.First + Rows.Stride)
            throw new ArgumentException($"{Name}/{name}: too many leaves.");
        if (inRows is { Made: > 0 })
            throw new ArgumentException($"{Name}/{name}: declare before the first row is added.");

        var declaration = new Declaration { Name = name, Kind = kind, Specs = specs, Summary = summary, Traits = traits, Rows = inRows, Leaf = leaf, Run = run, Change = change };
        declarations.Add(declaration);
        if (inRows is null) Open(declaration, 0);
        return leaf;
    }

    // OSC 1.0: what an address is made of, and nothing that a pattern is made of.
    void Check(string? name)
    {
        if (name is null || !name.Split('/').All(part => part.Length > 0 && part.All(c => c is > ' ' and < (char)0x7F && "#*,?[]{}".IndexOf(c) < 0)))
            throw new ArgumentException($"{Name}/{name}: a name is made of visible ASCII, without any of # * , ? [ ] {{ }}, and is not empty.");
    }

    internal Rows AddRows(string name)
    {
        Check(name);
        var made = new Rows(this, name, Rows.FirstLeaf + rows.Count * Rows.Stride * Rows.MaxRows);
        if (made.First + Rows.Stride * Rows.MaxRows > 1 << Event.LeafBits) throw new ArgumentException($"{Name}/{name}: too many repeated branches.");
        rows.Add(made);
        return made;
    }

    internal void Open(Declaration leaf, int row)
    {
        double Initial(int i) => leaf.Specs.Count > i ? leaf.Specs[i].Initial : 0;
        if (leaf.Kind == LeafKind.Parameter) Audio.Cells.Open(Rows.LeafAt(leaf.Leaf, row), Initial(0), Initial(1), Initial(2));
    }

    internal int AddNotes(List<string> ports, string name)
    {
        if (ports.Contains(name)) throw new ArgumentException($"{Name}/{name} is declared twice.");
        ports.Add(name);
        return ports.Count - 1;
    }

    internal AudioIn AddAudioIn(string name, int lanes)
    {
        if (lanes == 0) lanes = Format.Inputs;
        var first = Ins.Sum(p => p.Lanes);
        Ins.Add((name, first, lanes));
        return new AudioIn(first, lanes);
    }

    internal AudioOut AddAudioOut(string name, int lanes)
    {
        if (lanes == 0) lanes = Format.Outputs;
        var first = Outs.Sum(p => p.Lanes);
        Outs.Add((name, first, lanes));
        return new AudioOut(first, lanes);
    }
}
