namespace OscLooper.Server.Realtime;

/// <summary>[main] One lane of a port, lanes from 0; written "looper:out/1" with lanes from 1.</summary>
public readonly record struct PortLane(string Imp, string Port, int Lane)
{
    /// <summary>[main] The imp name under which the device's own ports are known: audio:in and audio:out.</summary>
    public const string Device = "audio";

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

/// <summary>[main] Which lane is connected to which. Several may lead into one lane (they are added in the order of connecting) and out of one.</summary>
public sealed class Patch
{
    readonly List<(PortLane From, PortLane To)> connections = [];

    /// <summary>[main] All connections, in the order they were made.</summary>
    public IReadOnlyList<(PortLane From, PortLane To)> Connections => connections;

    /// <summary>[main] Every imp hears the device on its first port and is heard on the device, lane by lane.</summary>
    public static Patch Default(IEnumerable<ImpSlot> imps, AudioFormat format)
    {
        var patch = new Patch();
        foreach (var tree in imps.Select(i => i.Tree).Where(t => t.Name != PortLane.Device))
        {
            if (tree.Ins.Count > 0)
                for (var lane = 0; lane < Math.Min(format.Inputs, tree.Ins[0].Lanes); lane++)
                    patch.Connect(new(PortLane.Device, "in", lane), new(tree.Name, tree.Ins[0].Name, lane), out _);
            if (tree.Outs.Count > 0)
                for (var lane = 0; lane < Math.Min(format.Outputs, tree.Outs[0].Lanes); lane++)
                    patch.Connect(new(tree.Name, tree.Outs[0].Name, lane), new(PortLane.Device, "out", lane), out _);
        }
        return patch;
    }

    /// <summary>[main] Connects; refuses what would let an imp hear itself, and names the way round.</summary>
    public bool Connect(PortLane from, PortLane to, out string why)
    {
        why = "";
        if (connections.Contains((from, to))) return true;
        if (from.Imp != PortLane.Device && to.Imp != PortLane.Device && Way(to.Imp, from.Imp) is { } way)
        {
            why = $"cycle: {string.Join(" -> ", way)} -> {to.Imp}";
            return false;
        }
        connections.Add((from, to));
        return true;
    }

    /// <summary>[main] Disconnects; false when it was not connected.</summary>
    public bool Disconnect(PortLane from, PortLane to) => connections.Remove((from, to));

    /// <summary>[main] Imps in an order in which each plays after all it hears; otherwise as given.</summary>
    public IReadOnlyList<ImpSlot> InPlayingOrder(IReadOnlyList<ImpSlot> imps)
    {
        var ordered = new List<ImpSlot>();
        var seen = new HashSet<string>();
        void Visit(ImpSlot imp)
        {
            if (!seen.Add(imp.Tree.Name)) return;
            foreach (var source in imps.Where(s => Follows(s.Tree.Name, imp.Tree.Name))) Visit(source);
            ordered.Add(imp);
        }
        foreach (var imp in imps.Where(i => i.Tree.Name != PortLane.Device)) Visit(imp);
        // The device's imp closes the chain: it hears the mix of all.
        ordered.AddRange(imps.Where(i => i.Tree.Name == PortLane.Device));
        return ordered;
    }

    bool Follows(string from, string to) =>
        from != PortLane.Device && to != PortLane.Device && connections.Any(c => c.From.Imp == from && c.To.Imp == to);

    List<string>? Way(string from, string to)
    {
        var ways = new Queue<List<string>>([[from]]);
        var seen = new HashSet<string> { from };
        while (ways.TryDequeue(out var way))
        {
            if (way[^1] == to) return way;
            foreach (var (source, target) in connections)
                if (source.Imp == way[^1] && target.Imp != PortLane.Device && seen.Add(target.Imp)) ways.Enqueue([.. way, target.Imp]);
        }
        return null;
    }
}
