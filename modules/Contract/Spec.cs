namespace OscLooper;

/// <summary>[any] Of what type one argument is.</summary>
public enum SpecKind
{
    /// <summary>[any] A number (i h f d c T F on the wire).</summary>
    Number,
    /// <summary>[any] A text (s S on the wire).</summary>
    Text,
    /// <summary>[any] Bytes (b on the wire).</summary>
    Blob,
    /// <summary>[any] Anything, any number of times (last only).</summary>
    Rest,
}

/// <summary>[any] What one argument may be: its type, range, start, unit. Declared once, read by everybody.</summary>
public sealed record Spec
{
    /// <summary>[any] Type.</summary>
    public SpecKind Kind { get; init; } = SpecKind.Number;
    /// <summary>[any] Smallest number.</summary>
    public double Min { get; init; } = double.NegativeInfinity;
    /// <summary>[any] Largest number.</summary>
    public double Max { get; init; } = double.PositiveInfinity;
    /// <summary>[any] Value at start.</summary>
    public double Initial { get; init; }
    /// <summary>[any] Text at start.</summary>
    public string InitialText { get; init; } = "";
    /// <summary>[any] What the number measures: "dB", "s", "frames", "beats", "Hz" ...; empty = none.</summary>
    public string Unit { get; init; } = "";
    /// <summary>[any] Whole numbers only.</summary>
    public bool Whole { get; init; }
    /// <summary>[any] Out of range is refused instead of clipped (indices and counts).</summary>
    public bool Strict { get; init; }
    /// <summary>[any] Of a text (and of each text among <see cref="Rest"/>): a longer one, in bytes of UTF-8, is refused.</summary>
    public int MostBytes { get; init; } = LongestText;
    /// <summary>[any] Sent with 64 bits (h, d) instead of 32 (i, f).</summary>
    public bool Wide { get; init; }
    /// <summary>[any] The audio side keeps a linear peak; the wire shows dBFS.</summary>
    public bool PeakAsDecibels { get; init; }
    /// <summary>[any] Named values: the wire shows the word, the audio side its index.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];
    /// <summary>[any] The argument's name in documents.</summary>
    public string Name { get; init; } = "";
    /// <summary>[any] May be left out.</summary>
    public bool Optional { get; init; }

    /// <summary>[any] A number in a range, clipped.</summary>
    public static Spec Range(double min, double max, double initial, string unit = "") => new() { Min = min, Max = max, Initial = initial, Unit = unit };
    /// <summary>[any] A level in decibels.</summary>
    public static Spec Decibels(double min, double max, double initial = 0) => Range(min, max, initial, "dB");
    /// <summary>[any] A whole number where out of range is refused.</summary>
    public static Spec Count(int min, int max, int initial = 0) => new() { Min = min, Max = max, Initial = Math.Clamp(initial, min, max), Whole = true, Strict = true };
    /// <summary>[any] 0 or 1.</summary>
    public static Spec Switch(bool on = false) => new() { Min = 0, Max = 1, Initial = on ? 1 : 0, Whole = true };
    /// <summary>[any] One of several words.</summary>
    public static Spec Choice(params string[] words) => new() { Min = 0, Max = words.Length - 1, Whole = true, Strict = true, Choices = words };
    /// <summary>[any] An absolute frame or a count of frames, 64 bits.</summary>
    public static readonly Spec Frames = new() { Min = 0, Max = 1L << 53, Whole = true, Wide = true, Unit = "frames" };
    /// <summary>[any] A peak: linear inside, dBFS on the wire.</summary>
    public static readonly Spec Peak = new() { Min = -200, Max = 200, PeakAsDecibels = true, Unit = "dBFS" };
    /// <summary>[any] Bytes of the longest text that is taken where nothing else is said; of a name; of an address or pattern; of one message (no longer one comes in).</summary>
    public const int LongestText = 4096, LongestName = 256, LongestPattern = 1024, LongestMessage = 1 << 20;
    /// <summary>[any] Any text of some length.</summary>
    public static readonly Spec Text = new() { Kind = SpecKind.Text };
    /// <summary>[any] What something is called.</summary>
    public static readonly Spec Label = Text with { Name = "name", MostBytes = LongestName };
    /// <summary>[any] An address, or a pattern of addresses.</summary>
    public static readonly Spec Pattern = Text with { Name = "pattern", MostBytes = LongestPattern };
    /// <summary>[any] The name of a file in an allowed folder.</summary>
    public static readonly Spec Path = Text with { Name = "path" };
    /// <summary>[any] Any further arguments.</summary>
    public static readonly Spec Rest = new() { Kind = SpecKind.Rest, Optional = true, MostBytes = LongestMessage };

    /// <summary>[any] The same with a name for documents.</summary>
    public Spec Named(string name) => this with { Name = name };
    /// <summary>[any] The same, may be left out (then <see cref="Initial"/> counts).</summary>
    public Spec OrNothing() => this with { Optional = true };
    /// <summary>[any] The same, for texts of so many bytes.</summary>
    public Spec UpTo(int bytes) => this with { MostBytes = bytes };
    /// <summary>[any] The same, 64 bits on the wire.</summary>
    public Spec In64Bits() => this with { Wide = true };

    /// <summary>[any] The OSC type tag that answers carry.</summary>
    public char Tag => Kind switch
    {
        SpecKind.Text => 's',
        SpecKind.Blob => 'b',
        SpecKind.Rest => '*',
        _ when Choices.Count > 0 => 's',
        _ when Whole => Wide ? 'h' : 'i',
        _ => Wide ? 'd' : 'f',
    };

    /// <summary>[any] Why a text from the wire is refused for its length; null when it is not.</summary>
    public string? TooLong(int bytes) => bytes <= MostBytes ? null : $"{bytes} bytes; {MostBytes} is the most";

    /// <summary>[any] Checks a number from the wire and pulls it into range; null and the value, or the reason why not.</summary>
    public Reason? Accept(ref double value)
    {
        if (!double.IsFinite(value)) return Reason.OutOfRange;
        if (Whole) value = Math.Round(value, MidpointRounding.AwayFromZero);
        if (Strict && (value < Min || value > Max)) return Reason.OutOfRange;
        value = Math.Clamp(value, Min, Max);
        return null;
    }

    /// <summary>[any] The index of a word among the <see cref="Choices"/>, or -1.</summary>
    public int ChoiceOf(string word)
    {
        for (var i = 0; i < Choices.Count; i++)
            if (string.Equals(Choices[i], word, StringComparison.OrdinalIgnoreCase)) return i;
        return -1;
    }
}
