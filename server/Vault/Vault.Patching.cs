using Newtonsoft.Json.Linq;
using OscLooper.Server.Realtime;

namespace OscLooper.Server.Vault;

// The connections, as pairs of port names.
sealed partial class Vault
{
    JObject? PatchNow()
    {
        var patch = server.Realm.Patch;
        return new JObject
        {
            ["known"] = new JArray(server.Realm.Stage.Known.Order(StringComparer.Ordinal)),
            ["audio"] = new JArray(patch.Connections.Select(c => new JArray(c.From.ToString(), c.To.ToString()))),
            ["notes"] = new JArray(patch.NoteConnections.Select(c => new JArray(c.From.ToString(), c.To.ToString()))),
            ["unasked"] = new JArray(patch.Unasked.Select(c => new JArray(c.From.ToString(), c.To.ToString()))),
        };
    }

    // Imps that are new since then get the usual connections; ways that would be a circle are left out by name.
    void TakePatch(JObject document)
    {
        if (document["patch"] is not JObject kept || kept["audio"] is not JArray audio || kept["notes"] is not JArray notes) return;
        var was = (kept["known"] as JArray)?.Select(n => n.ToString()).ToHashSet() ?? [];
        var patch = new Patch();
        void Missing(JToken way, string why) => server.Log(LogLevel.Warning, $"{way.ToString(Newtonsoft.Json.Formatting.None)} is not connected: {why}");
        foreach (var way in audio.OfType<JArray>())
            if (way is [JValue { Value: string from }, JValue { Value: string to }] && PortLane.Parse(from) is { } source && PortLane.Parse(to) is { } target)
            {
                if (!patch.Connect(source, target, out var why)) Missing(way, why);
            }
        foreach (var way in notes.OfType<JArray>())
            if (way is [JValue { Value: string from }, JValue { Value: string to }] && NotePort.Parse(from) is { } source && NotePort.Parse(to) is { } target)
            {
                if (!patch.ConnectNotes(source, target, out var why)) Missing(way, why);
            }
        foreach (var way in (kept["unasked"] as JArray ?? []).OfType<JArray>())
            if (way is [JValue { Value: string from }, JValue { Value: string to }] && NotePort.Parse(from) is { } source && NotePort.Parse(to) is { } target) patch.NoteUnasked(source, target);
        patch.AddDefaults(name => !was.Contains(name), [.. server.Imps], server.Format);
        patch.AddMidiDefaults(name => !was.Contains(name), [.. server.Imps], server.Engine.Midi);
        server.Realm.TakePatch(patch);
    }
}
