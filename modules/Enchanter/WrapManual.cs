using System.Globalization;

namespace OscLooper.Enchanter;

/// <summary>
/// [main] A piano without a button more than its keys: while the left pedal is held they are a desk (the author's "P-85 wrap manual",
/// facts/bard.md 2.3). What that paper leaves open is decided in pages/p85.md.
/// </summary>
sealed class WrapManual(Speaker desk, Func<double> now, Func<string, string[], bool> store, Func<string, bool> recall) : Scheme
{
    const double HoldSeconds = 0.5, DoubleTapSeconds = 0.4;
    const int Lower = 21, Store = 22, Upper = 23, FirstPreset = 24, LastPreset = 47, Output = 72, Channel = 73, BankDown = 74, ProgramDown = 76,
        ResetTranspose = 78, OctaveDown = 79, SemitoneUp = 82, KeySignature = 83, FirstNumber = 84, Arp = 96, FirstArp = 97, DrumMode = 101, FirstDrum = 102, Metronome = 107, Signature = 108;

    /// <summary>[main] What a preset of this desk remembers.</summary>
    internal static readonly string[] Remembered =
    [
        "/bard/{transpose,root,scale,quantize,chord,key_signature}", "/bard/velocity/{curve,fixed,low,high}",
        "/bard/arp/{on,bank,pattern,rate,octaves,gate,swing,latch,ratchet,chance}", "/bard/drum/{on,pattern}", "/bard/metronome/{on,second}", "/transport/{tempo,signature}",
    ];

    static readonly int[] Tempos = [60, 80, 100, 120, 200];
    static readonly (int Beats, int Unit)[] Signatures = [(7, 8), (4, 4), (6, 8), (3, 4), (2, 4)];

    readonly Dictionary<string, double> known = [];
    static readonly string[] ArpPatterns = ["up", "down", "updown", "random"];
    readonly Dictionary<int, double> down = [];
    readonly HashSet<int> used = [];
    readonly List<IDisposable> watches = [];
    // Which of the four arpeggio keys play what was recorded with them.
    readonly bool[] isRecorded = new bool[ArpPatterns.Length];
    Zones zones = new();
    bool editsLower = true, editsUpper = true;
    int entry, lastNumber = -1, recording, signatures;
    double lastNumberAt;

    internal override void Start()
    {
        foreach (var address in new[] { "/bard/transpose", "/bard/arp/on", "/bard/drum/on", "/bard/drum/pattern", "/bard/metronome/on" })
            watches.Add(desk.Watch(address, (_, values) => known[address] = Convert.ToDouble(values[0], CultureInfo.InvariantCulture)));
    }

    internal override void Stop()
    {
        foreach (var watch in watches) watch.Dispose();
        watches.Clear();
    }

    internal override void Said(string address, object[] values)
    {
        if (known.ContainsKey(address) && values is [not string and var value]) known[address] = Convert.ToDouble(value, CultureInfo.InvariantCulture);
    }

    int Known(string address) => known.TryGetValue(address, out var value) ? (int)value : 0;

    void Set(string address, int value)
    {
        known[address] = value;
        desk.Send(address, value);
    }

    void Toggle(string address) => Set(address, Known(address) == 0 ? 1 : 0);

    internal override void Press(string name, Control? control, bool isDown, int velocity, long? frame)
    {
        if (name == "pedal/soft" && !isDown) entry = 0;
        if (!name.StartsWith("command/", StringComparison.Ordinal)) return;
        var key = Profile.PitchOf(name);
        if (isDown)
        {
            down[key] = now();
            used.Remove(key);
            Down(key);
            Waits?.Invoke();
        }
        else if (down.Remove(key)) Up(key);
    }

    internal override bool IsWaiting => down.Count > 0;

    internal override void Release()
    {
        down.Clear();
        entry = 0;
        if (recording != 0) EndRecording();
    }

    // A key that is held long enough records.
    internal override void Tick(double seconds)
    {
        if (recording != 0) return;
        foreach (var (key, since) in down)
            if ((IsArp(key) || IsDrum(key)) && !used.Contains(key) && seconds - since >= HoldSeconds)
            {
                used.Add(key);
                BeginRecording(key);
                return;
            }
    }

    static bool IsArp(int key) => key is >= FirstArp and < FirstArp + 4;
    static bool IsDrum(int key) => key is >= FirstDrum and < FirstDrum + 5;

    bool Holds(int key) => down.ContainsKey(key);

    void Down(int key)
    {
        if (entry != 0 && key is >= FirstNumber and < FirstNumber + 16) Number(key - FirstNumber);
        else if (Holds(KeySignature) && key is >= FirstNumber and < FirstNumber + 12) Set("/bard/key_signature", key - FirstNumber - 5);
        else if (Holds(Metronome) && IsDrum(key))
        {
            used.Add(key);
            used.Add(Metronome);
            desk.Send("/transport/tempo", Tempos[key - FirstDrum]);
        }
        else if (Holds(Signature) && IsDrum(key))
        {
            used.Add(key);
            Sign(Signatures[key - FirstDrum]);
        }
        else switch (key)
        {
            case Lower or Upper:
                (editsLower, editsUpper) = Holds(Lower) && Holds(Upper) ? (true, true) : (key == Lower, key == Upper);
                Take(zones with { IsSplit = !(editsLower && editsUpper) });
                break;
            case Output or Channel:
                (entry, lastNumber) = (key, -1);
                break;
            case BankDown or BankDown + 1:
                Edit(i => i with { Bank = Holds(BankDown) && Holds(BankDown + 1) ? 0 : Math.Clamp(i.Bank + (key == BankDown ? -1 : 1), 0, 16383) }, isProgram: true);
                break;
            case ProgramDown or ProgramDown + 1:
                Edit(i => i with { Program = Holds(ProgramDown) && Holds(ProgramDown + 1) ? 0 : Math.Clamp(i.Program + (key == ProgramDown ? -1 : 1), 0, 127) }, isProgram: true);
                break;
            case ResetTranspose:
                Set("/bard/transpose", 0);
                break;
            case >= OctaveDown and <= SemitoneUp:
                Set("/bard/transpose", Math.Clamp(Known("/bard/transpose") + (key - OctaveDown) switch { 0 => -12, 1 => 12, 2 => -1, _ => 1 }, -60, 60));
                break;
            case Arp:
                Toggle("/bard/arp/on");
                break;
            case DrumMode:
                Take(zones with { IsDrums = !zones.IsDrums });
                break;
            case Signature:
                signatures = 0;
                break;
            case >= FirstPreset and <= LastPreset:
                var name = string.Create(CultureInfo.InvariantCulture, $"p85 {key - FirstPreset + 1}");
                if (Holds(Store)) store(name, Remembered);
                else recall(name);
                break;
        }
    }

    void Up(int key)
    {
        if (key == recording) EndRecording();
        else if (used.Contains(key)) return;
        else if (IsArp(key)) ChooseArp(key - FirstArp);
        else if (IsDrum(key))
        {
            var pattern = key - FirstDrum + 1;
            if (Known("/bard/drum/on") != 0 && Known("/bard/drum/pattern") == pattern) Set("/bard/drum/on", 0);
            else
            {
                Set("/bard/drum/pattern", pattern);
                Set("/bard/drum/on", 1);
            }
        }
        else if (key == Metronome) Toggle("/bard/metronome/on");
    }

    void BeginRecording(int key)
    {
        recording = key;
        if (IsDrum(key))
        {
            Set("/bard/drum/pattern", key - FirstDrum + 1);
            Set("/bard/drum/on", 1);
            desk.Send("/bard/drum/record", 1);
        }
        else
        {
            desk.Send("/bard/arp/bank", key - FirstArp + 1);
            desk.Send("/bard/arp/record", 1);
        }
    }

    void ChooseArp(int which)
    {
        if (isRecorded[which]) desk.Send("/bard/arp/bank", which + 1);
        desk.Send("/bard/arp/pattern", isRecorded[which] ? "user" : ArpPatterns[which]);
    }

    void EndRecording()
    {
        if (IsDrum(recording)) desk.Send("/bard/drum/record", 0);
        else
        {
            desk.Send("/bard/arp/record", 0);
            isRecorded[recording - FirstArp] = true;
            ChooseArp(recording - FirstArp);
        }
        recording = 0;
    }

    // The first one pressed is the bar; one more at the same time is counted against it.
    void Sign((int Beats, int Unit) signature)
    {
        if (signatures++ == 0)
        {
            desk.Send("/transport/signature", signature.Beats, signature.Unit);
            desk.Send("/bard/metronome/second", 0);
        }
        else desk.Send("/bard/metronome/second", signature.Beats);
    }

    // Keys are 0..15; the same one again at once adds 16.
    void Number(int number)
    {
        var seconds = now();
        if (number == lastNumber % 16 && lastNumber >= 0 && seconds - lastNumberAt < DoubleTapSeconds) number = lastNumber + 16;
        (lastNumber, lastNumberAt) = (number, seconds);
        if (entry == Output && number < 8) Edit(i => i with { Output = number + 1 }, isProgram: false);
        else if (entry == Channel && number < 16) Edit(i => i with { Channel = number }, isProgram: true);
    }

    void Edit(Func<Instrument, Instrument> change, bool isProgram)
    {
        var (lower, upper) = (editsLower ? change(zones.Lower) : zones.Lower, editsUpper ? change(zones.Upper) : zones.Upper);
        Take(zones with { Lower = lower, Upper = upper });
        if (!isProgram) return;
        if (editsLower) Choose(lower);
        if (editsUpper && (!editsLower || upper != lower)) Choose(upper);
    }

    void Choose(Instrument i) => desk.Send("/fluid/program", i.Channel + 1, i.Program, i.Bank);

    void Take(Zones fresh)
    {
        var isHeard = fresh.Arrangement != zones.Arrangement;
        zones = fresh;
        if (isHeard) desk.Send("/bard/arrangement", zones.Arrangement);
    }

    internal override string? State
    {
        get => $"{zones.Text} {string.Join(' ', isRecorded.Select(r => r ? 1 : 0))}";
        set
        {
            // What has been recorded stays, whatever was recorded when a preset was stored.
            var parts = (value ?? "").Split(' ');
            for (var i = 0; i < isRecorded.Length && parts.Length == Zones.Numbers + isRecorded.Length; i++) isRecorded[i] |= parts[Zones.Numbers + i] == "1";
            if (Zones.Read(string.Join(' ', parts.Take(Zones.Numbers))) is not { } fresh) return;
            Take(fresh);
            (editsLower, editsUpper) = (!fresh.IsSplit, true);
        }
    }
}
