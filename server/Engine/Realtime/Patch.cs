namespace OscLooper.Server.Realtime;

/// <summary>[main] One lane of a port, lanes from 0; written "looper:out/1" with lanes from 1.</summary>
public readonly record struct PortLane(string Imp, string Port, int Lane)
{
    /// <summary>[main] The imp name under which the device's own ports are known: audio:in and audio:out.</summary>
    public const string Device = "audio";
    /// <summary>[main] The imp name under which MIDI ports are known: midi:NAME, or a part of the name.</summary>
    public const string Midi = "midi";

    /// <summary>[main] Lies outside of the server: what goes out there does not come back in.</summary>
    internal static bool IsOutside(string imp) => imp is Device or Midi;

    /// <summary>[main] Reads "imp:port/lane"; null when it is not that.</summary>
    public static PortLane? Parse(string text)
    {
        var (colon, slash) = (text.IndexOf(':'), text.LastIndexOf('/'));
        if (colon < 1 || slash < colon + 2 || !int.TryParse(text[(slash + 1)..], out var number) || number < 1) return null;
        return new PortLane(text[..colon], text[(colon + 1)..slash], number - 1);
    }

    /// <summary>[main] As it is written on the wire.</summary>
    public override string ToString() => $"{Imp}:{Port}/{Lane + 1}";
}

/// <summary>[main] A port for notes; written "bard:out/1", "synth:notes".</summary>
public readonly record struct NotePort(string Imp, string Port)
{
    /// <summary>[main] Reads "imp:port"; null when it is not that.</summary>
    public static NotePort? Parse(string text) =>
        text.IndexOf(':') is var colon and > 0 && colon < text.Length - 1 ? new NotePort(text[..colon], text[(colon + 1)..]) : null;

    /// <summary>[main] As it is written on the wire.</summary>
    public override string ToString() => $"{Imp}:{Port}";
}

/// <summary>[main] Which lane is connected to which. Several may lead into one lane (they are added in the order of connecting) and out of one.</summary>
public sealed class Patch
{
    readonly List<(PortLane From, PortLane To)> connections = [];
    readonly List<(NotePort From, NotePort To)> noteConnections = [];
    readonly HashSet<(NotePort From, NotePort To)> yielding = [];
    // Where MIDI inputs lead because nobody said otherwise: imps that come later may take the place of those that were there first.
    readonly HashSet<(NotePort From, NotePort To)> unasked = [];

    /// <summary>[main] Connections that there may be, of sound and of notes; what was saved with more comes back whole.</summary>
    public const int Most = 4096;

    /// <summary>[main] Another connection is refused; why says so.</summary>
    internal bool IsFull(out string why)
    {
        var count = connections.Count + noteConnections.Count;
        why = count >= Most ? $"there are {count} connections; {Most} is the most" : "";
        return why != "";
    }

    /// <summary>[main] All connections, in the order they were made.</summary>
    public IReadOnlyList<(PortLane From, PortLane To)> Connections => connections;
    /// <summary>[main] Those of them that nobody asked for: they give way when somebody comes who is usually in between.</summary>
    public IEnumerable<(NotePort From, NotePort To)> Unasked => noteConnections.Where(unasked.Contains);
    /// <summary>[main] All connections between note ports.</summary>
    public IReadOnlyList<(NotePort From, NotePort To)> NoteConnections => noteConnections;

    // The imps that have a place of their own in the default patch; the controllers are connected by the enchanter as they come.
    const string Bard = "bard", Clock = "transport", Controller = "controller";

    /// <summary>[main] Every imp hears the device on its first port and is heard on the device, lane by lane; an imp that only hears notes hears all that send some; one that also sends some hears the bard;
    /// every MIDI input leads to the bard, else to all that hear notes, and the transport's clock to every MIDI output.</summary>
    public static Patch Default(IEnumerable<ImpSlot> imps, AudioFormat format, Midi.MidiPorts? midi = null)
    {
        var (patch, all) = (new Patch(), imps.ToList());
        patch.AddDefaults(_ => true, all, format);
        if (midi is not null) patch.AddMidiDefaults(_ => true, all, midi);
        return patch;
    }

    /// <summary>[main] The default connections of imps that have come, among all that are there.</summary>
    internal void AddDefaults(Func<string, bool> isFresh, IReadOnlyList<ImpSlot> all, AudioFormat format)
    {
        foreach (var tree in all.Select(i => i.Tree).Where(t => t.Name != PortLane.Device && isFresh(t.Name)))
        {
            if (tree.Ins.Count > 0)
                for (var lane = 0; lane < Math.Min(format.Inputs, tree.Ins[0].Lanes); lane++)
                    Connect(new(PortLane.Device, "in", lane), new(tree.Name, tree.Ins[0].Name, lane), out _);
            if (tree.Outs.Count > 0)
                for (var lane = 0; lane < Math.Min(format.Outputs, tree.Outs[0].Lanes); lane++)
                    Connect(new(tree.Name, tree.Outs[0].Name, lane), new(PortLane.Device, "out", lane), out _);
        }
        var makers = all.Select(i => i.Tree).Where(t => t.NoteOuts.Count > 0 && t.Name is not (Clock or Controller)).ToList();
        foreach (var hearer in all.Select(i => i.Tree).Where(t => t.NoteIns.Count > 0 && t.NoteOuts.Count == 0))
            foreach (var maker in makers)
                if (isFresh(hearer.Name) || isFresh(maker.Name))
                    ConnectByDefault(maker, hearer);
        if (makers.Find(t => t.Name == Bard) is not { } bard) return;
        foreach (var between in makers.Where(t => t.NoteIns.Count > 0 && t.Name != Bard && (isFresh(t.Name) || isFresh(Bard)))) ConnectByDefault(bard, between);
    }

    // A looper that plays a synth may be wanted the other way round: to record it. What nobody asked for gives way to what somebody does.
    void ConnectByDefault(Tree maker, Tree hearer)
    {
        var (from, to) = (new NotePort(maker.Name, maker.NoteOuts[0]), new NotePort(hearer.Name, hearer.NoteIns[0]));
        if (ConnectNotes(from, to, out _) && maker.Ins.Count > 0) yielding.Add((from, to));
    }

    /// <summary>[main] The default connections of MIDI ports ("midi:NAME") and imps that have come: each input to a port of its own of the bard.</summary>
    internal void AddMidiDefaults(Func<string, bool> isFresh, IReadOnlyList<ImpSlot> all, Midi.MidiPorts midi)
    {
        var hearers = all.Select(i => i.Tree).Where(t => t.NoteIns.Count > 0 && t.Name != Controller).ToList();
        if (hearers.Find(t => t.Name == Bard) is { } bard) hearers = [bard];
        // Where controllers are heard, the enchanter connects each device to the port that knows it.
        var isEnchanted = all.Any(i => i.Tree.Name == Controller);
        var usual = new List<(NotePort From, NotePort To)>();
        for (var n = 0; n < midi.Inputs.Length; n++)
        {
            var port = new NotePort(PortLane.Midi, midi.Inputs[n].Name);
            if (isEnchanted && port.Port != OscLooper.Server.Midi.MidiPorts.LoopbackName) continue;
            usual.AddRange(hearers.Select(tree => (port, new NotePort(tree.Name, tree.NoteIns[tree.Name == Bard ? Math.Min(n, tree.NoteIns.Count - 1) : 0]))));
        }
        // Imps come one after the other: what led past the bard or a controller while it was not there would be heard twice.
        noteConnections.RemoveAll(c => unasked.Contains(c) && !usual.Contains(c));
        foreach (var (from, to) in usual)
            if ((isFresh(from.ToString()) || isFresh(to.Imp)) && !noteConnections.Contains((from, to)) && ConnectNotes(from, to, out _))
                unasked.Add((from, to));
        foreach (var tree in all.Select(i => i.Tree).Where(t => t.Name == Clock && t.NoteOuts.Count > 0))
            foreach (var output in midi.Outputs)
                if (output.Name != OscLooper.Server.Midi.MidiPorts.LoopbackName && isFresh(new NotePort(PortLane.Midi, output.Name).ToString()))
                    ConnectNotes(new(tree.Name, tree.NoteOuts[0]), new(PortLane.Midi, output.Name), out _);
    }

    /// <summary>[main] Nobody asked for this connection (as it was remembered).</summary>
    internal void NoteUnasked(NotePort from, NotePort to)
    {
        if (noteConnections.Contains((from, to))) unasked.Add((from, to));
    }

    /// <summary>[main] An imp is gone for good, and with it its connections.</summary>
    internal void Forget(string imp)
    {
        connections.RemoveAll(c => c.From.Imp == imp || c.To.Imp == imp);
        noteConnections.RemoveAll(c => c.From.Imp == imp || c.To.Imp == imp);
    }

    /// <summary>[main] Connects; refuses what would let an imp hear itself, and names the way round.</summary>
    public bool Connect(PortLane from, PortLane to, out string why)
    {
        why = "";
        if (connections.Contains((from, to))) return true;
        if (HearsItself(from.Imp, to.Imp, out why))
        {
            var given = noteConnections.Where(c => c.From.Imp == to.Imp && c.To.Imp == from.Imp && yielding.Contains(c)).ToList();
            noteConnections.RemoveAll(given.Contains);
            if (given.Count == 0 || HearsItself(from.Imp, to.Imp, out why))
            {
                noteConnections.AddRange(given);
                return false;
            }
            yielding.ExceptWith(given);
        }
        connections.Add((from, to));
        return true;
    }

    /// <summary>[main] Connects note ports; refuses what would let an imp hear itself, and names the way round.</summary>
    public bool ConnectNotes(NotePort from, NotePort to, out string why)
    {
        why = "";
        unasked.Remove((from, to));
        if (noteConnections.Contains((from, to))) return true;
        if (HearsItself(from.Imp, to.Imp, out why)) return false;
        if (noteConnections.Count(c => c.To == to) == NoteLane.MostSources)
        {
            why = $"{to} hears {NoteLane.MostSources} ports already";
            return false;
        }
        noteConnections.Add((from, to));
        return true;
    }

    /// <summary>[main] Disconnects note ports; false when they were not connected. The notes that sound through the connection end.</summary>
    public bool DisconnectNotes(NotePort from, NotePort to) => noteConnections.Remove((from, to));

    /// <summary>[main] True when the connection would let an imp hear itself, also by ways that only fade out.</summary>
    internal bool HearsItself(string from, string to, IReadOnlyList<(string From, string To)> fading) =>
        !PortLane.IsOutside(from) && !PortLane.IsOutside(to) && Way(to, from, fading) is not null;

    bool HearsItself(string from, string to, out string why)
    {
        why = !PortLane.IsOutside(from) && !PortLane.IsOutside(to) && Way(to, from, []) is { } way ? $"cycle: {string.Join(" -> ", way)} -> {to}" : "";
        return why != "";
    }

    IEnumerable<(string From, string To)> Ways =>
        connections.Select(c => (c.From.Imp, c.To.Imp)).Concat(noteConnections.Select(c => (c.From.Imp, c.To.Imp)));

    /// <summary>[main] Disconnects; false when it was not connected.</summary>
    public bool Disconnect(PortLane from, PortLane to) => connections.Remove((from, to));

    /// <summary>[main] Imps in an order in which each plays after all it hears (also by ways that only fade out); otherwise as given.</summary>
    internal IReadOnlyList<ImpSlot> InPlayingOrder(IReadOnlyList<ImpSlot> imps, IReadOnlyList<(string From, string To)> fading)
    {
        var ways = Ways.Concat(fading).Where(w => !PortLane.IsOutside(w.From) && !PortLane.IsOutside(w.To)).ToHashSet();
        var ordered = new List<ImpSlot>();
        var seen = new HashSet<ImpSlot>(ReferenceEqualityComparer.Instance);
        void Visit(ImpSlot imp)
        {
            if (!seen.Add(imp)) return;
            foreach (var source in imps.Where(s => ways.Contains((s.Tree.Name, imp.Tree.Name)))) Visit(source);
            ordered.Add(imp);
        }
        foreach (var imp in imps.Where(i => i.Tree.Name != PortLane.Device)) Visit(imp);
        // The device's imp closes the chain: it hears the mix of all.
        ordered.AddRange(imps.Where(i => i.Tree.Name == PortLane.Device));
        return ordered;
    }

    List<string>? Way(string from, string to, IReadOnlyList<(string From, string To)> fading)
    {
        var ways = new Queue<List<string>>([[from]]);
        var seen = new HashSet<string> { from };
        while (ways.TryDequeue(out var way))
        {
            if (way[^1] == to) return way;
            foreach (var (source, target) in Ways.Concat(fading))
                if (source == way[^1] && !PortLane.IsOutside(target) && seen.Add(target)) ways.Enqueue([.. way, target]);
        }
        return null;
    }
}
