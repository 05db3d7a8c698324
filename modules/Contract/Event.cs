namespace OscLooper;

/// <summary>[any] What an <see cref="Event"/> does.</summary>
public enum EventKind : byte
{
    /// <summary>[any] A parameter takes the value A (B and C where it has several numbers).</summary>
    Set,
    /// <summary>[any] A command acts; A, B, C are its numbers.</summary>
    Fire,
    /// <summary>[any] A job or setting speaks to its own audio side; A is the ticket when an answer is awaited.</summary>
    Ask,
    /// <summary>[any] The audio side's answer to <see cref="Ask"/>; A is the ticket.</summary>
    Answer,
    /// <summary>[any] The audio side could not carry out what the client asked; A is the <see cref="Reason"/>, B the ticket of an <see cref="Ask"/>.</summary>
    Refused,
    /// <summary>[any] A mark that comes back when everything before it has taken effect; A is the ticket.</summary>
    Sync,
    /// <summary>[any] Every imp falls silent, nothing is lost.</summary>
    Panic,
    /// <summary>[any] A note: A status and channel, B pitch, C velocity.</summary>
    Note,
    /// <summary>[any] To main: the imp threw on the audio side and is bypassed from now on.</summary>
    Faulted,
}

/// <summary>[any] The only thing that crosses between the main side and the audio side: 48 bytes.</summary>
/// <param name="Frame">Absolute frame at which it acts (or acted).</param>
/// <param name="Target">Leaf number: imp slot in the upper bits, the imp's own leaf number in the lower <see cref="LeafBits"/>.</param>
/// <param name="Kind">What it does.</param>
/// <param name="Client">Who asked; 0 = nobody outside.</param>
/// <param name="A">First number.</param>
/// <param name="B">Second number.</param>
/// <param name="C">Third number.</param>
public readonly record struct Event(long Frame, int Target, EventKind Kind, int Client, double A, double B = 0, double C = 0)
{
    /// <summary>[any] Bits of <see cref="Target"/> that number a leaf within its imp.</summary>
    public const int LeafBits = 21;

    /// <summary>Set in Client when main altered what was sent, and when a time tag named the frame: only such a one can come late.</summary>
    internal const int AlteredBit = 1 << 30, TaggedBit = 1 << 29;

    /// <summary>[any] Client without the marks of main.</summary>
    internal static int IdOf(int client) => client & ~(AlteredBit | TaggedBit);

    /// <summary>[any] Slot of the addressed imp.</summary>
    public int Imp => Target >> LeafBits;

    /// <summary>[any] Number of the leaf within its imp.</summary>
    public int Leaf => Target & ((1 << LeafBits) - 1);

    /// <summary>[any] The row of a repeated branch that is addressed, counted from 0; meaningful for leaves of <see cref="Rows"/> only.</summary>
    public int Row => Rows.RowOf(Leaf);

    /// <summary>[any] True when this sets the given parameter (of any row).</summary>
    public bool Is(Parameter parameter) => Kind == EventKind.Set && Rows.SameLeaf(Leaf, parameter.Leaf);

    /// <summary>[any] True when this fires the given command (of any row).</summary>
    public bool Is(Command command) => Kind == EventKind.Fire && Rows.SameLeaf(Leaf, command.Leaf);

    /// <summary>[any] True when this comes from the given job or setting (of any row).</summary>
    public bool Is(Errand errand) => Kind == EventKind.Ask && Rows.SameLeaf(Leaf, errand.Leaf);
}
