namespace OscLooper.Enchanter;

/// <summary>
/// [main] The lights of one device through a shadow: what shall be lit, what is, and only the difference is sent, no faster than the
/// device takes. What could not be sent is not taken for shown. When it comes back after having been away, everything is sent.
/// </summary>
sealed class Lamps(Desk desk, Profile profile)
{
    const int Unknown = -1, MostAtOnce = 64;

    readonly int[] wanted = new int[128], shown = new int[128];
    readonly List<byte> bytes = [];
    readonly Queue<byte[]> greetings = new();
    double tokens = MostAtOnce, lastSeconds;
    int next, visits;
    bool isDirty;

    /// <summary>[main] Called when something begins to wait for its turn.</summary>
    internal Action? Waits { get; set; }

    /// <summary>[main] Name of the MIDI output; null while the device is away.</summary>
    internal string? Port { get; private set; }

    /// <summary>[main] Something waits for its turn.</summary>
    internal bool IsDirty => (isDirty || greetings.Count > 0) && Port is not null;

    /// <summary>[main] The device is there: greetings, then all lights.</summary>
    internal void Come(string port)
    {
        Port = port;
        Array.Fill(shown, Unknown);
        visits++;
        greetings.Clear();
        foreach (var hello in profile.Hello) Greet(hello);
        if (profile.Lights is null) return;
        foreach (var control in profile.Controls.Where(IsLit))
            if (wanted[control.Number] == 0) Set(control, control.Kind == ControlKind.Pad ? "empty" : "off");
        isDirty = false;
        BeDirty();
    }

    void Greet(byte[] hello)
    {
        var visit = visits;
        desk.Send("/midi/send", wasSent =>
        {
            if (wasSent || visit != visits) return;
            greetings.Enqueue(hello);
            Waits?.Invoke();
        }, Port!, hello);
    }

    /// <summary>[main] It is away; what it shows is not known.</summary>
    internal void Go() => Port = null;

    /// <summary>[main] The control has a light.</summary>
    internal bool IsLit(Control control) => profile.Lights is { } lights && control.Message == NoteEvent.On
        && lights.Lit.Any(l => control.Name == l || control.Name.StartsWith(l + "/", StringComparison.Ordinal));

    /// <summary>[main] A light shall be in a state: of pads as in ui.md 5.1 ("playing"), of buttons off, on or blink.</summary>
    internal void Set(Control control, string state)
    {
        if (profile.Lights is not { } lights || !IsLit(control)) return;
        var table = control.Kind == ControlKind.Pad ? lights.States : lights.Buttons;
        if (!table.TryGetValue(state, out var light)) return;
        var value = (NoteEvent.On | light.Channel) << 8 | light.Value;
        if (wanted[control.Number] == value) return;
        wanted[control.Number] = value;
        BeDirty();
    }

    void BeDirty()
    {
        if (isDirty) return;
        isDirty = true;
        Waits?.Invoke();
    }

    /// <summary>[main] Sends what differs, as much as the time since the last call allows.</summary>
    internal void Flush(double seconds)
    {
        tokens = Math.Min(MostAtOnce, tokens + (seconds - lastSeconds) * profile.MessagesPerSecond);
        lastSeconds = seconds;
        if (!IsDirty) return;
        for (var waiting = greetings.Count; waiting > 0; waiting--) Greet(greetings.Dequeue());
        bytes.Clear();
        isDirty = false;
        // In turn, so that under a flood of changes every light gets its share.
        for (var i = 0; i < 128; i++)
        {
            var number = next + i & 127;
            if (wanted[number] == shown[number] || wanted[number] == 0) continue;
            if (tokens < 1)
            {
                isDirty = true;
                next = number;
                break;
            }
            tokens--;
            shown[number] = wanted[number];
            bytes.Add((byte)(wanted[number] >> 8));
            bytes.Add((byte)number);
            bytes.Add((byte)wanted[number]);
        }
        if (!isDirty) next = 0;
        if (bytes.Count > 0) Send([.. bytes]);
    }

    void Send(byte[] lights)
    {
        var visit = visits;
        desk.Send("/midi/send", wasSent =>
        {
            if (wasSent || visit != visits) return;
            // Nobody took it (the device is too slow, or going): those lights are as they were, which is not known for each of them.
            for (var i = 0; i < lights.Length; i += 3)
                if (shown[lights[i + 1]] == (lights[i] << 8 | lights[i + 2])) shown[lights[i + 1]] = Unknown;
            BeDirty();
        }, Port!, lights);
    }
}
