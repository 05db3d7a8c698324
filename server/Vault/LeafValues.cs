using OscLooper.Osc;
using OscLooper.Server.Addressing;

namespace OscLooper.Server.Vault;

/// <summary>[main] The declared values of an imp: read as they go over the wire, and set as any client may.</summary>
sealed class LeafValues(Server server)
{
    readonly Dictionary<int, (int Target, string Key)[]> kept = [];
    int version = -1;
    LocalClient? client;

    /// <summary>[any] True for what is remembered: it can be set, and its module does not call it fleeting.</summary>
    public static bool IsKept(Declaration leaf) =>
        leaf.IsState && (leaf.Traits & (Traits.ReadOnly | Traits.Sampled | Traits.Fleeting)) == 0 && leaf.Specs.All(s => s.Kind is SpecKind.Number or SpecKind.Text);

    /// <summary>[main] What the imp in a slot has been told, by path below the imp.</summary>
    public IReadOnlyDictionary<string, object[]> Read(int slot)
    {
        var values = new Dictionary<string, object[]>();
        foreach (var (target, key) in KeptOf(slot))
            values[key] = Wire.Values(server.Space.DeclarationOf(target)!, server.Space.ValueOf(target), server.Space.ContentOf(target));
        return values;
    }

    /// <summary>[main] Sets them; what is not among them (and may be set) takes its first value when all is to be replaced.</summary>
    public void Apply(int slot, string imp, IReadOnlyDictionary<string, object[]> values, bool replacesAll)
    {
        foreach (var (target, key) in KeptOf(slot))
        {
            var declaration = server.Space.DeclarationOf(target)!;
            var now = Wire.Values(declaration, server.Space.ValueOf(target), server.Space.ContentOf(target));
            if (!values.TryGetValue(key, out var wanted))
            {
                if (!replacesAll) continue;
                wanted = First(declaration);
            }
            // A value that stands already is said again: what main knows may lag behind what the audio side was told.
            if (declaration.Kind == LeafKind.Setting && now.SequenceEqual(wanted)) continue;
            Client.Send(new OscMessage($"/{imp}/{key}", [.. wanted.Select((v, i) => ToOsc(v, i < declaration.Specs.Count ? declaration.Specs[i] : declaration.Specs[0]))]));
        }
    }

    LocalClient Client
    {
        get
        {
            if (client is not null) return client;
            client = server.Connect("vault");
            client.Heard = reply =>
            {
                if (reply.Message.Address == "/fail") server.Log(LogLevel.Warning, $"vault: {reply.Message}");
            };
            return client;
        }
    }

    (int Target, string Key)[] KeptOf(int slot)
    {
        if (version != server.Space.Version)
        {
            kept.Clear();
            version = server.Space.Version;
        }
        if (!kept.TryGetValue(slot, out var leaves)) kept[slot] = leaves = [.. server.Space.Shown(slot, IsKept).Select(t => (t, KeyOf(server.Space.AddressOf(t))))];
        return leaves;
    }

    static string KeyOf(string address) => address[(address.IndexOf('/', 1) + 1)..];

    static object[] First(Declaration declaration)
    {
        double Initial(int i) => declaration.Specs.Count > i ? declaration.Specs[i].Initial : 0;
        return Wire.Values(declaration, new Cell { A = Initial(0), B = Initial(1), C = Initial(2) }, declaration.Specs[0].InitialText);
    }

    static OscValue ToOsc(object value, Spec spec) => value switch
    {
        string s => s,
        bool b => b,
        int i => i,
        long h => h,
        float f => f,
        double d => spec.Tag == 'f' ? (float)d : d,
        _ => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? "",
    };
}
