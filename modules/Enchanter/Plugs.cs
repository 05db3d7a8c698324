namespace OscLooper.Enchanter;

/// <summary>[main] Which devices are there: connects each to the port of its profile, wakes its lights, and forgets what it held when it goes.</summary>
sealed class Plugs(Speaker desk, IReadOnlyList<Profile> profiles, Action<Profile, bool> changed)
{
    const string Loopback = "loopback";

    readonly Dictionary<string, (Profile Profile, Cable Cable)> inputs = [], outputs = [];
    readonly HashSet<string> connected = [];
    readonly List<IDisposable> watches = [];
    string instruments = "";
    bool hasControllers;

    /// <summary>[main] Names of the ports of a profile's devices that are there.</summary>
    internal IEnumerable<string> PortsOf(Profile profile, bool isInput) => (isInput ? inputs : outputs).Where(p => p.Value.Profile == profile).Select(p => p.Key);

    /// <summary>[main] The lights' port of a profile, while it is there.</summary>
    internal string? OutputOf(Profile profile) => outputs.Where(o => o.Value.Profile == profile).Select(o => o.Key).FirstOrDefault();

    internal void Start()
    {
        // Whoever directs or makes notes is there when one of its leaves is.
        watches.Add(desk.Watch("/bard/transpose", (_, _) => Instrument("bard")));
        watches.Add(desk.Watch("/synth/gain", (_, _) => Instrument("synth")));
        watches.Add(desk.Watch("/fluid/gain", (_, _) => Instrument("fluid")));
        watches.Add(desk.Watch("/controller/generic/quiet", (_, _) => Controllers()));
        watches.Add(desk.Watch("/midi/inputs", (_, values) => Ports((string)values[0], inputs, isInput: true)));
        watches.Add(desk.Watch("/midi/sysex", (_, values) => Answer((string)values[0])));
        watches.Add(desk.Watch("/midi/outputs", (_, values) => Ports((string)values[0], outputs, isInput: false)));
    }

    internal void Stop()
    {
        foreach (var watch in watches) watch.Dispose();
        watches.Clear();
        inputs.Clear();
        outputs.Clear();
        connected.Clear();
        (instruments, hasControllers) = ("", false);
    }

    // The controllers' ports exist (anew).
    void Controllers()
    {
        hasControllers = true;
        connected.Clear();
        foreach (var (port, (profile, cable)) in inputs) Connect(port, profile, cable);
    }

    // A port stays in the patch while its device is away; who took it out by hand is not overruled.
    void Connect(string port, Profile profile, Cable cable)
    {
        if (!hasControllers || !connected.Add(port)) return;
        desk.Send("/realm/connect", $"midi:{port}", $"controller:{(cable.Name == "" ? profile.Name : $"{profile.Name}/{cable.Name}")}");
        Lead(profile);
    }

    // "NAME<tab>F0 47 ...": what a device has answered to the greeting.
    void Answer(string text)
    {
        var parts = text.Split('\t');
        if (parts.Length != 2 || !inputs.TryGetValue(parts[0], out var known) || known.Profile.Answer != "mpk_program") return;
        if (MpkProgram.Read(Convert.FromHexString(parts[1].Replace(" ", ""))) is { } sends) desk.Send($"/controller/{known.Profile.Name}/sends", sends);
    }

    void Instrument(string name)
    {
        // The bard directs all the others.
        if (instruments == name || instruments == "bard") return;
        var before = instruments;
        instruments = name;
        foreach (var profile in inputs.Values.Select(i => i.Profile).Distinct())
        {
            if (before != "") desk.Send("/realm/disconnect", $"controller:{profile.Name}", PortOf(before, profile));
            Lead(profile);
        }
    }

    // Each controller is a source of its own for the bard; its first port is the loopback's.
    string PortOf(string instrument, Profile profile) => instrument == "bard" ? $"bard:in/{Math.Min(16, 2 + Place(profile))}" : $"{instrument}:notes";

    int Place(Profile profile)
    {
        for (var i = 0; i < profiles.Count; i++)
            if (profiles[i] == profile) return i;
        return 0;
    }

    void Lead(Profile profile)
    {
        if (instruments != "") desk.Send("/realm/connect", $"controller:{profile.Name}", PortOf(instruments, profile));
    }

    /// <summary>[main] Whose port that is: the first profile that knows the name; the generic one comes last.</summary>
    internal (Profile Profile, Cable Cable)? Find(string port, bool isInput)
    {
        if (port == Loopback) return null;
        foreach (var profile in profiles)
            foreach (var cable in profile.Cables)
                if (isInput ? cable.IsIn(port) : cable.IsOut(port)) return (profile, cable);
        return null;
    }

    void Ports(string lines, Dictionary<string, (Profile, Cable)> known, bool isInput)
    {
        var there = lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToHashSet();
        foreach (var gone in known.Keys.Where(p => !there.Contains(p)).ToArray())
        {
            known.Remove(gone, out var was);
            if (isInput) desk.Send($"/controller/{was.Item1.Name}/release");
            changed(was.Item1, isInput);
        }
        foreach (var port in there.Where(p => !known.ContainsKey(p)))
        {
            if (Find(port, isInput) is not var (profile, cable)) continue;
            known[port] = (profile, cable);
            if (isInput) Connect(port, profile, cable);
            changed(profile, isInput);
        }
    }
}
