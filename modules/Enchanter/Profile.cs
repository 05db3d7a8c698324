
namespace OscLooper.Enchanter;

/// <summary>[any] What moves, and so what its leaf says.</summary>
enum ControlKind
{
    /// <summary>[any] The keys of a keyboard, one leaf for all of them: up or down, pitch, velocity.</summary>
    Key,
    /// <summary>[any] Pressed and let go, with velocity.</summary>
    Pad,
    /// <summary>[any] Pressed and let go.</summary>
    Button,
    /// <summary>[any] A foot's button.</summary>
    Pedal,
    /// <summary>[any] Turned from end to end: 0..1.</summary>
    Knob,
    /// <summary>[any] Pushed from end to end: 0..1.</summary>
    Slider,
    /// <summary>[any] Turned without end: clicks, counted up and down.</summary>
    Encoder,
    /// <summary>[any] A wheel or stick that springs back: -1..1.</summary>
    Bend,
    /// <summary>[any] The keys' pressure: 0..1.</summary>
    Pressure,
    /// <summary>[any] Program number, from 0.</summary>
    Program,
}

/// <summary>[any] How an encoder says how far it was turned.</summary>
enum Clicks { TwosComplement, BinaryOffset, SignMagnitude }

/// <summary>[any] One physical control: what it sends, and where it lies on the device (millimetres).</summary>
sealed record Control(string Name, ControlKind Kind, int Port, int Message, int Channel, int Number)
{
    /// <summary>[any] Controller number of the lower seven bits of a 14-bit control; -1 = none.</summary>
    public int Fine { get; init; } = -1;
    /// <summary>[any] How an encoder counts.</summary>
    public Clicks Clicks { get; init; }
    /// <summary>[any] It is heard by the instruments, too.</summary>
    public bool Thru { get; init; }
    /// <summary>[any] What is printed on the device.</summary>
    public string Label { get; init; } = "";
    /// <summary>[any] Row and column in its group, from 1.</summary>
    public int Row { get; init; }
    /// <summary>[any] Row and column in its group, from 1.</summary>
    public int Column { get; init; }
    /// <summary>[any] Place and size on the device.</summary>
    public (double X, double Y, double Width, double Height) Box { get; init; }
    /// <summary>[any] Of keys: the lowest one, and how many.</summary>
    public (int First, int Count) Keys { get; init; }

    /// <summary>[any] It is up or down, not somewhere between.</summary>
    public bool IsPressed => Kind is ControlKind.Pad or ControlKind.Button or ControlKind.Pedal;
    /// <summary>[any] It stays where it was put, so that a value may lie elsewhere (pick-up).</summary>
    public bool IsAbsolute => Kind is ControlKind.Knob or ControlKind.Slider;
}

/// <summary>[any] One cable of a device: its name in addresses ("" = the main one), and how its ports are called.</summary>
sealed record Cable(string Name, PortPattern In, PortPattern Out, PortPattern Not)
{
    /// <summary>[main] Whether a port of that name is this cable's end.</summary>
    public bool IsIn(string port) => In.Fits(port) && !Not.Fits(port);
    /// <summary>[main] Whether a port of that name is this cable's end.</summary>
    public bool IsOut(string port) => Out.Fits(port) && !Not.Fits(port);

    /// <summary>[main] Throws when one of its patterns is none.</summary>
    internal void Check()
    {
        In.Check();
        Out.Check();
        Not.Check();
    }
}

/// <summary>[any] What a control does unless the player says otherwise.</summary>
sealed record Bound(string Control, string Address, double? Low, double? High, string How);

/// <summary>[any] How a device is lit: light of a state = MIDI channel (from 0) and value, sent as a note-on.</summary>
sealed record Lights(int Cable, IReadOnlyDictionary<string, (int Channel, int Value)> States, IReadOnlyDictionary<string, (int Channel, int Value)> Buttons,
    IReadOnlyList<string> Lit, IReadOnlyDictionary<int, string> Colours);

/// <summary>[any] One kind of controller, as its file says.</summary>
sealed record Profile
{
    public required string Name { get; init; }
    public required string Title { get; init; }
    public string About { get; init; } = "";
    public IReadOnlyList<Cable> Cables { get; init; } = [];
    public IReadOnlyList<Control> Controls { get; init; } = [];
    /// <summary>[any] What is no control reaches the instruments (true) or nobody.</summary>
    public bool RestThru { get; init; }
    /// <summary>[any] The key or pedal that turns keys into commands while it is held; empty = none.</summary>
    public string ControlKey { get; init; } = "";
    /// <summary>[any] Which keys, e.g. "67-70".</summary>
    public string ControlNotes { get; init; } = "";
    /// <summary>[any] "grid", "wrap_manual" or nothing: what plays on it beside the bindings.</summary>
    public string Scheme { get; init; } = "";
    /// <summary>[any] Functions of the grid's buttons, by control.</summary>
    public IReadOnlyDictionary<string, string> Functions { get; init; } = new Dictionary<string, string>();
    /// <summary>[any] Sent when the device comes.</summary>
    public IReadOnlyList<byte[]> Hello { get; init; } = [];
    /// <summary>[any] Which answer to that tells what its controls send: "mpk_program" or nothing.</summary>
    public string Answer { get; init; } = "";
    public int MessagesPerSecond { get; init; } = 1000;
    public Lights? Lights { get; init; }
    public IReadOnlyList<Bound> Bindings { get; init; } = [];
    /// <summary>[any] Size on paper.</summary>
    public (double Width, double Height) Size { get; init; } = (200, 100);
    /// <summary>[any] Names of values, for people: table, name, value.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Tables { get; init; } = new Dictionary<string, IReadOnlyDictionary<string, string>>();
    /// <summary>[any] Rows of doubt, for people.</summary>
    public IReadOnlyList<string> Doubts { get; init; } = [];

    public bool HasKeys => Controls.Any(c => c.Kind == ControlKind.Key);

    /// <summary>[main] A control's name, or that of one key ("key/60") or of one key while the control key is held ("command/67").</summary>
    public bool Knows(string control) => Find(control) is { Kind: not ControlKind.Key } || HasKeys && PitchOf(control) >= 0;

    /// <summary>[any] The pitch in "key/60" or "command/60"; -1 when it is neither.</summary>
    public static int PitchOf(string control) =>
        control.IndexOf('/') is var slash and > 0 && control[..slash] is "key" or "command"
        && int.TryParse(control.AsSpan(control.IndexOf('/') + 1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var pitch) && pitch <= 127 ? pitch : -1;

    public Control? Find(string name) => Controls.FirstOrDefault(c => c.Name == name);
}
