using System.Globalization;

namespace OscLooper.Enchanter;

/// <summary>[main] Hears every control of every controller, and says to bindings and schemes what moved.</summary>
sealed class Ear(IReadOnlyList<Profile> profiles, Binder binder, IReadOnlyDictionary<string, Scheme> schemes)
{
    const string Prefix = "/controller/";

    // A knob that trembles is not moved; a learning hand turns further.
    const double Moved = 0.03;

    readonly Dictionary<string, (Profile Profile, Control? Control)> controls = [];
    readonly Dictionary<string, double> last = [];
    readonly Queue<(string Address, object[] Values)> heard = new();
    long block;
    bool isBeginning, isPosted;

    /// <summary>[main] Blocks from a press to what it does.</summary>
    internal int Latency { get; set; } = 1;

    /// <summary>[main] Called with the next control that is moved; null = nobody learns.</summary>
    internal Func<string, bool>? Learning { get; set; }

    /// <summary>[main] Told what was learnt.</summary>
    internal Action<string>? Learnt { get; set; }

    internal void Start(Desk desk, double hertz, List<IDisposable> watches)
    {
        controls.Clear();
        last.Clear();
        foreach (var profile in profiles)
        {
            foreach (var control in profile.Controls) controls[$"{Prefix}{profile.Name}/{control.Name}"] = (profile, control);
            if (profile.HasKeys) controls[$"{Prefix}{profile.Name}/command"] = (profile, null);
        }
        // A press acts one block after it was played, as a message that comes by cable: so the spacing of presses is kept.
        watches.Add(desk.Watch("/audio/block", (_, values) => block = Convert.ToInt64(values[0], CultureInfo.InvariantCulture)));
        isBeginning = true;
        watches.Add(desk.Watch(Prefix + "/*", hertz, (address, values) =>
        {
            if (isBeginning) Know(address, values);
            else
            {
                // Carried out when the server has finished telling, in the same round.
                heard.Enqueue((address, values));
                if (isPosted) return;
                isPosted = true;
                desk.Post(Drain);
            }
        }));
        isBeginning = false;
    }

    void Know(string address, object[] values)
    {
        if (controls.TryGetValue(address, out var known) && known.Control is { IsPressed: false, Kind: not ControlKind.Key }) last[address] = Number(values[0]);
    }

    static double Number(object value) => Convert.ToDouble(value, CultureInfo.InvariantCulture);

    void Drain()
    {
        isPosted = false;
        // Controllers that have just appeared tell all they have, also where their knobs stand: nobody has moved them.
        var fresh = new HashSet<Profile>(profiles.Where(p => heard.Any(h => h.Address == $"{Prefix}{p.Name}/quiet")), ReferenceEqualityComparer.Instance);
        foreach (var profile in fresh) binder.Forget(profile.Name);
        while (heard.TryDequeue(out var one))
            if (fresh.Count > 0 && controls.TryGetValue(one.Address, out var known) && fresh.Contains(known.Profile)) Know(one.Address, one.Values);
            else Hear(one.Address, one.Values);
    }

    void Hear(string address, object[] values)
    {
        if (address.EndsWith("/quiet", StringComparison.Ordinal))
        {
            // The controllers are new here and do not know yet what is bound.
            binder.TellQuiet();
            return;
        }
        if (!controls.TryGetValue(address, out var known)) return;
        var (profile, control) = known;
        if (control is null || control.Kind == ControlKind.Key) HearKey(profile, control, values);
        else if (control.IsPressed) HearPress(profile, control.Name, control, values[0] is "down", (int)values[1], (long)values[2] + block * Latency);
        else HearMove(profile, control, address, Number(values[0]));
    }

    void HearKey(Profile profile, Control? control, object[] values) =>
        HearPress(profile, string.Create(CultureInfo.InvariantCulture, $"{(control is null ? "command" : "key")}/{(int)values[1]}"), null, values[0] is "down", (int)values[2], null);

    void HearPress(Profile profile, string name, Control? control, bool isDown, int velocity, long? frame)
    {
        var full = $"{profile.Name}/{name}";
        if (isDown && TryLearn(full)) return;
        if (binder.IsBound(full)) binder.Press(full, isDown, velocity / 127.0, frame);
        else if (schemes.TryGetValue(profile.Name, out var scheme)) scheme.Press(name, control, isDown, velocity, frame);
    }

    void HearMove(Profile profile, Control control, string address, double value)
    {
        var full = $"{profile.Name}/{control.Name}";
        var before = last.TryGetValue(address, out var known) ? known : value;
        if (Learning is not null)
        {
            if (control.Kind == ControlKind.Encoder ? value == before : Math.Abs(value - before) < Moved) return;
            // A knob that has just been bound where its value is has it in hand.
            if (TryLearn(full)) before = value;
        }
        last[address] = value;
        var steps = control.Kind == ControlKind.Encoder ? value - before : 0;
        // A counter that begins anew has not been turned.
        if (Math.Abs(steps) > 127) return;
        binder.Move(full, control.Kind, value, (int)steps);
    }

    bool TryLearn(string control)
    {
        if (Learning is not { } learn || !learn(control)) return false;
        Learning = null;
        Learnt?.Invoke(control);
        return true;
    }
}
