using System.Runtime.InteropServices;

namespace OscLooper.Server.Realtime;

/// <summary>
/// [any] Who plays when, hearing whom: a flat array in playing order. Built on main, taken by the audio side at a block start,
/// handed back when the next one is taken; nobody changes it in between.
/// </summary>
sealed unsafe class Schedule : IDisposable
{
    /// <summary>[any] One imp's place: its lane tables, and the in-lanes that must be added up first.</summary>
    internal sealed class Part
    {
        internal required Player? Player { get; init; }
        internal required Mixture[] Mixtures { get; init; }
        internal float** Ins, Outs;
    }

    /// <summary>[any] An in-lane with several sources.</summary>
    internal readonly record struct Mixture(Lane Into, Lane[] Sources);

    readonly List<nint> tables = [];
    readonly Lane silence;

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

    internal Schedule(IReadOnlyList<ImpSlot> imps, Patch patch, Lane[] deviceIn, Lane[] deviceBus, Lane silence, Midi.MidiPorts midi, Func<ImpSlot, Player> playerOf)
    {
        this.silence = silence;
        var ordered = patch.InPlayingOrder(imps);
        Players = [.. ordered.Select(playerOf)];
        var rolling = new HashSet<Lane>(deviceIn);
        var bus = new Lane[deviceBus.Length];
        var busMixtures = new List<Mixture>();

        Lane[] SourcesOf(PortLane to) => [.. patch.Connections.Where(c => c.To == to).Select(c => LaneOf(c.From)).OfType<Lane>()];
        Lane? LaneOf(PortLane from)
        {
            if (from.Imp == PortLane.Device) return from.Port == "in" ? deviceIn.ElementAtOrDefault(from.Lane) : null;
            for (var i = 0; i < ordered.Count; i++)
                foreach (var port in ordered[i].Tree.Outs)
                    if (ordered[i].Tree.Name == from.Imp && port.Name == from.Port && from.Lane < port.Lanes)
                        return Players[i].Outs[port.FirstLane + from.Lane];
            return null;
        }
        Lane Heard(Lane[] sources, Func<Lane> mixed, List<Mixture> mixtures)
        {
            if (sources.Length == 0) return silence;
            var lane = sources[0];
            if (sources.Length > 1) mixtures.Add(new Mixture(lane = mixed(), sources));
            return lane;
        }

        for (var lane = 0; lane < bus.Length; lane++)
        {
            var own = deviceBus[lane];
            bus[lane] = Heard(SourcesOf(new(PortLane.Device, "out", lane)), () => own, busMixtures);
        }

        NoteLane? NotesOf(NotePort from)
        {
            if (from.Imp == PortLane.Midi) return midi.FindInput(from.Port)?.Lane;
            for (var i = 0; i < ordered.Count; i++)
                if (ordered[i].Tree.Name == from.Imp && ordered[i].Tree.NoteOuts.IndexOf(from.Port) is var port and >= 0) return Players[i].NoteOuts[port];
            return null;
        }
        NoteMixtures = [.. Enumerable.Range(0, ordered.Count).SelectMany(i => ordered[i].Tree.NoteIns.Select((port, n) => (Players[i].NoteIns[n],
            patch.NoteConnections.Where(c => c.To == new NotePort(ordered[i].Tree.Name, port)).Select(c => NotesOf(c.From)).OfType<NoteLane>().Distinct().ToArray()))),
            .. midi.Outputs.ToArray().Select(output => (output.Lane,
                patch.NoteConnections.Where(c => c.To.Imp == PortLane.Midi && midi.FindOutput(c.To.Port) == output).Select(c => NotesOf(c.From)).OfType<NoteLane>().Distinct().ToArray()))];
        NoteLanes = [.. Players.SelectMany(p => p.NoteIns.Concat(p.NoteOuts))];

        var parts = new List<Part>();
        for (var i = 0; i < ordered.Count; i++)
        {
            var (tree, player) = (ordered[i].Tree, Players[i]);
            var (ins, mixtures) = (new List<Lane>(), new List<Mixture>());
            foreach (var port in tree.Ins)
                for (var lane = 0; lane < port.Lanes; lane++)
                {
                    var place = ins.Count;
                    ins.Add(tree.Name == PortLane.Device
                        ? (port.Name == "in" ? deviceIn : bus)[lane]
                        : Heard(SourcesOf(new(tree.Name, port.Name, lane)), () => player.MixedInto(place), mixtures));
                }
            if (tree.Name == PortLane.Device) mixtures = busMixtures;
            rolling.UnionWith(ins);
            parts.Add(new Part { Player = player, Mixtures = [.. mixtures], Ins = Table(ins), Outs = Table(player.Outs) });
        }
        var hasMaster = ordered.Count > 0 && ordered[^1].Tree.Name == PortLane.Device;
        if (!hasMaster) parts.Add(new Part { Player = null, Mixtures = [.. busMixtures] });

        Parts = [.. parts];
        FirstEventOfPart = new int[Parts.Length + 2];
        Master = hasMaster ? Players[^1].Outs : bus;
        Cleared = [.. Players.SelectMany(p => p.Outs)];
        rolling.Remove(silence);
        Rolling = [.. rolling];
        PartOfSlot = new int[imps.Count == 0 ? 0 : imps.Max(i => i.Slot) + 1];
        Array.Fill(PartOfSlot, -1);
        for (var i = 0; i < Players.Length; i++) PartOfSlot[Players[i].Slot] = i;
    }

    float** Table(IReadOnlyList<Lane> lanes)
    {
        var table = (float**)NativeMemory.Alloc((nuint)Math.Max(1, lanes.Count), (nuint)sizeof(float*));
        for (var i = 0; i < lanes.Count; i++) table[i] = lanes[i].Start;
        tables.Add((nint)table);
        return table;
    }

    public void Dispose()
    {
        foreach (var table in tables) NativeMemory.Free((void*)table);
        tables.Clear();
    }
}
