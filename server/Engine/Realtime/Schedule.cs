using System.Runtime.InteropServices;
using OscLooper.Dsp;

namespace OscLooper.Server.Realtime;

/// <summary>
/// [any] Who plays when, hearing whom: a flat array in playing order. Built on main, taken by the audio side at a block start,
/// handed back when the next one is taken; nobody changes it in between. What it has in common with the schedule before goes on
/// without a seam, what is new fades in, and what is gone fades out as long as its imp is among those that leave.
/// </summary>
sealed unsafe class Schedule : IDisposable
{
    /// <summary>[any] One imp's place: its lane tables, and the in-lanes that must be added up first.</summary>
    internal sealed class Part
    {
        internal required Player? Player { get; init; }
        internal required Mixture[] Mixtures { get; init; }
        internal Lane[] Heard { get; init; } = [];
        internal float** Ins, Outs;
    }

    /// <summary>[any] An in-lane with its sources.</summary>
    internal readonly record struct Mixture(Lane Into, Wire[] Sources);

    /// <summary>[any] What a wire does from the frame at which the schedule is taken.</summary>
    internal readonly record struct Order(Wire Wire, float Target, bool AtOnce);

    /// <summary>[main] What the engine has for every schedule.</summary>
    internal sealed record Lanes(Lane[] DeviceIn, Lane[] DeviceBus, Lane Silence, RaisedCosine Curve, Midi.MidiPorts Midi);

    readonly List<nint> tables = [];
    readonly List<Order> orders = [];
    readonly List<(Lane From, Lane To)> carried = [];
    readonly Dictionary<(Lane From, object Hearer, int Lane), Wire> wires = [];
    readonly Dictionary<Wire, float> targets = [];
    readonly Schedule? before;
    readonly Lanes lanes;
    readonly long frame;

    internal Part[] Parts { get; }
    /// <summary>[any] Place in <see cref="Parts"/> of the imp in a slot; -1 = nobody.</summary>
    internal int[] PartOfSlot { get; }
    /// <summary>[any] What goes to the device: the mix of all, after the master gain where there is one.</summary>
    internal Lane[] Master { get; }
    /// <summary>[any] Lanes whose past somebody may ask for.</summary>
    internal Lane[] Rolling { get; }
    /// <summary>[any] Lanes that are silent at block start.</summary>
    internal Lane[] Cleared { get; }
    internal Player[] Players { get; }
    /// <summary>[any] Which note ports each note port hears; also those that hear nobody.</summary>
    internal (NoteLane Into, NoteLane[] Sources)[] NoteMixtures { get; }
    /// <summary>[any] All note ports.</summary>
    internal NoteLane[] NoteLanes { get; }
    /// <summary>[audio] Where the events of each part begin, then those for nobody, then the end; the engine's while it sorts a stretch.</summary>
    internal int[] FirstEventOfPart { get; }
    /// <summary>[any] What happens to the wires when it is taken.</summary>
    internal Order[] Orders { get; }
    /// <summary>[any] In-lanes that moved to another memory: their past goes along.</summary>
    internal (Lane From, Lane To)[] Carried { get; }
    /// <summary>[any] What new imps are told before their first sample.</summary>
    internal Event[] Firsts { get; }
    /// <summary>[any] A wire changes its gain.</summary>
    internal bool Fades { get; private set; }
    /// <summary>[any] The frame at which the audio side took it; -1 until then.</summary>
    internal long TakenFrame = -1;

    internal Schedule(IReadOnlyList<ImpSlot> imps, IReadOnlyList<ImpSlot> leaving, Patch patch, Lanes lanes, Func<ImpSlot, Player> playerOf, Schedule? before, long frame, Event[] firsts)
    {
        (this.lanes, this.before, this.frame, Firsts) = (lanes, before, frame, firsts);
        var ordered = patch.InPlayingOrder([.. leaving, .. imps], before is null ? [] : [.. before.wires.Keys.Select(k => (NameOf(before, k.From), NameOf(k.Hearer)))]);
        Players = [.. ordered.Select(playerOf)];
        var leavers = leaving.Select(playerOf).ToHashSet();
        var rolling = new HashSet<Lane>(lanes.DeviceIn);
        var busMixtures = new List<Mixture>();
        var bus = new Lane[lanes.DeviceBus.Length];

        Lane? LaneOf(PortLane from)
        {
            if (from.Imp == PortLane.Device) return from.Port == "in" ? lanes.DeviceIn.ElementAtOrDefault(from.Lane) : null;
            for (var i = 0; i < ordered.Count; i++)
                foreach (var port in ordered[i].Tree.Outs)
                    if (ordered[i].Tree.Name == from.Imp && !leavers.Contains(Players[i]) && port.Name == from.Port && from.Lane < port.Lanes)
                        return Players[i].Outs[port.FirstLane + from.Lane];
            return null;
        }
        Lane[] SourcesOf(PortLane to) => [.. patch.Connections.Where(c => c.To == to).Select(c => LaneOf(c.From)).OfType<Lane>()];

        for (var lane = 0; lane < bus.Length; lane++)
            bus[lane] = Heard(this, lane, SourcesOf(new(PortLane.Device, "out", lane)), before is null, lanes.DeviceBus[lane], false, busMixtures);

        var parts = new List<Part>();
        for (var i = 0; i < ordered.Count; i++)
        {
            var (tree, player) = (ordered[i].Tree, Players[i]);
            var old = before is null ? null : Array.Find(before.Parts, p => p.Player == player);
            var (ins, mixtures) = (new List<Lane>(), new List<Mixture>());
            if (leavers.Contains(player) && old is not null)
            {
                // It hears what it heard until it is gone.
                ins = [.. old.Heard.Select(lane => IsForeign(before!, lane, player) && !IsStillPlayed(lane) ? lanes.Silence : lane)];
                mixtures = [.. old.Mixtures.Select(m => new Mixture(m.Into, [.. m.Sources.Where(w => IsStillPlayed(w.From))]))];
            }
            else
                foreach (var port in tree.Ins)
                    for (var lane = 0; lane < port.Lanes; lane++)
                    {
                        var place = ins.Count;
                        if (tree.Name == PortLane.Device)
                        {
                            ins.Add((port.Name == "in" ? lanes.DeviceIn : bus)[lane]);
                            continue;
                        }
                        var mixed = player.IsMixed(place);
                        var heard = Heard(player, place, SourcesOf(new(tree.Name, port.Name, lane)), old is null, null, mixed, mixtures);
                        if (old is not null && place < old.Heard.Length && old.Heard[place] != heard) carried.Add((old.Heard[place], heard));
                        ins.Add(heard);
                    }
            if (tree.Name == PortLane.Device) mixtures = busMixtures;
            rolling.UnionWith(ins);
            parts.Add(new Part { Player = player, Mixtures = [.. mixtures], Heard = [.. ins], Ins = Table(ins), Outs = Table(player.Outs) });
        }
        var hasMaster = ordered.Count > 0 && ordered[^1].Tree.Name == PortLane.Device;
        if (!hasMaster) parts.Add(new Part { Player = null, Mixtures = [.. busMixtures] });

        NoteLane? NotesOf(NotePort from)
        {
            if (from.Imp == PortLane.Midi && lanes.Midi.FindInput(from.Port) is { } input) return input.Lane;
            for (var i = 0; i < ordered.Count; i++)
                if (ordered[i].Tree.Name == from.Imp && !leavers.Contains(Players[i]) && ordered[i].Tree.NoteOuts.IndexOf(from.Port) is var port and >= 0) return Players[i].NoteOuts[port];
            return null;
        }
        NoteMixtures = [.. Enumerable.Range(0, ordered.Count).SelectMany(i => ordered[i].Tree.NoteIns.Select((port, n) => (Players[i].NoteIns[n], leavers.Contains(Players[i]) ? []
            : patch.NoteConnections.Where(c => c.To == new NotePort(ordered[i].Tree.Name, port)).Select(c => NotesOf(c.From)).OfType<NoteLane>().Distinct().ToArray()))),
            .. lanes.Midi.Outputs.ToArray().Select(output => (output.Lane,
                patch.NoteConnections.Where(c => c.To.Imp == PortLane.Midi && lanes.Midi.FindOutput(c.To.Port) == output).Select(c => NotesOf(c.From)).OfType<NoteLane>().Distinct().ToArray()))];
        NoteLanes = [.. Players.SelectMany(p => p.NoteIns.Concat(p.NoteOuts))];

        Parts = [.. parts];
        FirstEventOfPart = new int[Parts.Length + 2];
        Master = hasMaster ? Players[^1].Outs : bus;
        Cleared = [.. Players.SelectMany(p => p.Outs)];
        rolling.Remove(lanes.Silence);
        Rolling = [.. rolling];
        PartOfSlot = new int[ordered.Count == 0 ? 0 : ordered.Max(i => i.Slot) + 1];
        Array.Fill(PartOfSlot, -1);
        for (var i = 0; i < Players.Length; i++) PartOfSlot[Players[i].Slot] = i;
        Orders = [.. orders];
        Carried = [.. carried.Where(c => c.From != lanes.Silence && c.To != lanes.Silence)];
        this.before = null;
    }

    /// <summary>The lane in which a hearer finds its sources: the source itself, or a lane of its own where they are added up or fade.</summary>
    Lane Heard(object hearer, int lane, Lane[] sources, bool isFresh, Lane? own, bool mustMix, List<Mixture> mixtures)
    {
        var key = hearer is Schedule ? lanes : hearer;
        var used = new List<Wire>();
        foreach (var source in sources)
        {
            var known = before?.wires.GetValueOrDefault((source, key, lane));
            var wire = known ?? new Wire(source, lanes.Curve);
            Aim(wire, 1, isFresh);
            mustMix |= !isFresh && (known is null || before!.targets[wire] == 0);
            wires[(source, key, lane)] = wire;
            used.Add(wire);
        }
        if (before is not null && !isFresh)
            foreach (var ((source, of, at), wire) in before.wires)
                if (of == key && at == lane && !wires.ContainsKey((source, key, lane)) && IsStillPlayed(source) && !(before.targets[wire] == 0 && before.IsSettled(frame)))
                {
                    Aim(wire, 0, false);
                    wires[(source, key, lane)] = wire;
                    used.Add(wire);
                    mustMix = true;
                }
        if (used.Count == 0 && !mustMix) return lanes.Silence;
        if (used.Count == 1 && !mustMix) return used[0].From;
        var into = own ?? ((Player)hearer).MixedInto(lane);
        mixtures.Add(new Mixture(into, [.. used]));
        return into;
    }

    void Aim(Wire wire, float target, bool atOnce)
    {
        targets[wire] = target;
        if (before?.targets.GetValueOrDefault(wire, -1) == target && before.IsSettled(frame)) return;
        orders.Add(new Order(wire, target, atOnce));
        Fades |= !atOnce;
    }

    bool IsStillPlayed(Lane source) => lanes.DeviceIn.Contains(source) || Players.Any(p => p.Outs.Contains(source));

    static bool IsForeign(Schedule of, Lane lane, Player own) => of.Players.Any(p => p != own && p.Outs.Contains(lane));

    /// <summary>[main] Taken, and all fades over at this frame.</summary>
    internal bool IsSettled(long frame)
    {
        var taken = Volatile.Read(ref TakenFrame);
        return taken >= 0 && (!Fades || frame >= taken + lanes.Curve.Frames);
    }

    static string NameOf(Schedule of, Lane source) => Array.Find(of.Players, p => p.Outs.Contains(source))?.Name ?? PortLane.Device;

    static string NameOf(object hearer) => hearer is Player player ? player.Name : PortLane.Device;

    float** Table(IReadOnlyList<Lane> some)
    {
        var table = (float**)NativeMemory.Alloc((nuint)Math.Max(1, some.Count), (nuint)sizeof(float*));
        for (var i = 0; i < some.Count; i++) table[i] = some[i].Start;
        tables.Add((nint)table);
        return table;
    }

    public void Dispose()
    {
        foreach (var table in tables) NativeMemory.Free((void*)table);
        tables.Clear();
    }
}
