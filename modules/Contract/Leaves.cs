namespace OscLooper;

/// <summary>[any] The four kinds of leaf: state or action, audio side or main side.</summary>
public enum LeafKind
{
    /// <summary>[any] State on the audio side: numbers, exact frame.</summary>
    Parameter,
    /// <summary>[any] State on the main side: a text or number.</summary>
    Setting,
    /// <summary>[any] Action on the audio side, exact frame.</summary>
    Command,
    /// <summary>[any] Action on the main side that may wait; answers /done or /fail.</summary>
    Job,
}

/// <summary>[any] How a leaf behaves.</summary>
[Flags]
public enum Traits
{
    /// <summary>[any] Set by clients; the engine stores it.</summary>
    None = 0,
    /// <summary>[any] Can be asked and subscribed, not set.</summary>
    ReadOnly = 1,
    /// <summary>[any] Read from its cell when asked or at the subscription's pace; no event per change (positions, levels).</summary>
    Sampled = 2,
    /// <summary>[any] The module itself says when it changes (<see cref="Parameter.Set(double,double,double)"/>); the engine does not store it.</summary>
    Managed = 4,
    /// <summary>[any] The engine cuts the block of every imp at its frame, because it touches more than its own part.</summary>
    CutsAll = 8,
    /// <summary>[any] Not remembered by the vault though it can be set (a scene that is active, a position).</summary>
    Fleeting = 16,
    /// <summary>[any] Destroys or ends something: acts by its full address only, no pattern reaches it.</summary>
    Destroys = 32,
    /// <summary>[any] Reports what happened (a key, a message that came in): told every time, also when the value is the same.</summary>
    Happening = 64,
}

/// <summary>[any] One declared method: everything that anybody needs to know of it.</summary>
public sealed class Declaration
{
    /// <summary>[any] Path below the branch's root, e.g. "volume" or "level/in".</summary>
    public required string Name { get; init; }
    /// <summary>[any] Kind.</summary>
    public required LeafKind Kind { get; init; }
    /// <summary>[any] Its arguments in order.</summary>
    public required IReadOnlyList<Spec> Specs { get; init; }
    /// <summary>[any] One sentence for people.</summary>
    public required string Summary { get; init; }
    /// <summary>[any] How it behaves.</summary>
    public Traits Traits { get; init; }
    /// <summary>[any] The repeated branch it belongs to, or null.</summary>
    public Rows? Rows { get; init; }
    /// <summary>[any] Leaf number within the imp (of row 0 where it is repeated).</summary>
    public int Leaf { get; init; }
    /// <summary>[main] What a job does.</summary>
    public Action<JobCall>? Run { get; init; }
    /// <summary>[main] Called before a setting is kept; false refuses it.</summary>
    public Func<SettingChange, bool>? Change { get; init; }

    /// <summary>[any] Has a value that can be asked for.</summary>
    public bool IsState => Kind is LeafKind.Parameter or LeafKind.Setting;
    /// <summary>[any] Cannot be set.</summary>
    public bool IsReadOnly => (Traits & Traits.ReadOnly) != 0;
    /// <summary>[any] Read from its cell.</summary>
    public bool IsSampled => (Traits & Traits.Sampled) != 0;
    /// <summary>[any] Acts by its full address only.</summary>
    public bool IsDestructive => (Traits & Traits.Destroys) != 0;
    /// <summary>[any] Told every time.</summary>
    public bool IsHappening => (Traits & Traits.Happening) != 0;
    /// <summary>[any] At least this many arguments.</summary>
    public int FewestArguments => Specs.Count(s => !s.Optional);
}

/// <summary>[audio] A module's handle on one of its numbers.</summary>
public readonly struct Parameter
{
    readonly AudioSide audio;
    internal readonly int Leaf;

    internal Parameter(AudioSide audio, int leaf) => (this.audio, Leaf) = (audio, leaf);

    /// <summary>[audio] First number.</summary>
    public double Value => audio.Cells[Leaf].A;
    /// <summary>[audio] Second number.</summary>
    public double Second => audio.Cells[Leaf].B;
    /// <summary>[audio] True when the switch is on.</summary>
    public bool IsOn => Value != 0;

    /// <summary>[any] The same parameter of another row of its repeated branch.</summary>
    public Parameter Of(int row) => new(audio, Rows.LeafAt(Leaf, row));

    /// <summary>[audio] Changes the value from inside the module, and tells the world. What is not a number changes nothing, here and below.</summary>
    public void Set(double a, double b = 0, double c = 0) => audio.Publish(Leaf, a, b, c, 0);

    /// <summary>[audio] The same, on behalf of the client whose event is being carried out.</summary>
    public void SetFor(in Event cause, double a, double b = 0, double c = 0) => audio.Publish(Leaf, a, b, c, cause.Client);

    /// <summary>[audio] Stores the value of a <see cref="Traits.Sampled"/> parameter; no event.</summary>
    public void Put(double a, double b = 0)
    {
        if (!double.IsNaN(a) && !double.IsNaN(b)) (audio.Cells[Leaf].A, audio.Cells[Leaf].B) = (a, b);
    }
}

/// <summary>[audio] A module's handle on one of its actions.</summary>
public readonly struct Command
{
    internal readonly int Leaf;
    internal Command(int leaf) => Leaf = leaf;
}

/// <summary>[any] A module's handle on one of its jobs or settings.</summary>
public readonly struct Errand
{
    internal readonly int Leaf;
    internal Errand(int leaf) => Leaf = leaf;
}
