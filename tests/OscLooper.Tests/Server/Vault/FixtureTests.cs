using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using Newtonsoft.Json.Linq;
using OscLooper.Osc;
using OscLooper.Server;
using OscLooper.Server.Vault;
using OscLooper.Testing;

namespace OscLooper.Tests.Server.Vault;

/// <summary>A vault that an earlier program left (Fixtures/make-vault.sh): without checksums, without the name of what was open, and with more than may be made now.</summary>
public class FixtureTests
{
    readonly OscLooper.Tests.Dsp.TemporaryFolder folder = new();

    [SetUp]
    public void Unpack()
    {
        using var packed = new GZipStream(File.OpenRead(Path.Combine(Checkout.Root, "tests/OscLooper.Tests/Server/Vault/Fixtures/vault.tar.gz")), CompressionMode.Decompress);
        Directory.CreateDirectory(folder[""]);
        TarFile.ExtractToDirectory(packed, folder[""], overwriteFiles: true);
    }

    [TearDown]
    public void GoAway() => folder.Dispose();

    string Vault => folder["vault"];

    Rig Start(string? session, out List<string> lines)
    {
        var wanted = Wanted(session ?? "jam").ToArray();
        (string Name, Func<Branch, Module> Make)[] modules = [.. wanted.Select(w => (w.Name, Make(w.Module)))];
        var rig = new Rig(new ServerOptions { Vault = Vault, Session = session, Channels = 4, Folders = [folder["files"]] }, modules);
        lines = [.. rig.Server.Vault.Findings.Where(f => f.Level >= LogLevel.Warning).Select(f => f.Text)];
        var heard = lines;
        // (How a test's own modules were compiled is no matter of what is remembered.)
        rig.Server.Logged = (level, line) => { if (level >= LogLevel.Warning && !line.Contains("compiled while they played")) heard.Add(line); };
        rig.Render(4096);
        return rig;
    }

    static Func<Branch, Module> Make(string module) => module switch
    {
        "looper" => at => new OscLooper.Looper.LooperModule(at),
        "bard" => at => new OscLooper.Bard.BardModule(at),
        "enchanter" => at => new OscLooper.Enchanter.EnchanterModule(at),
        _ => at => new OscLooper.Synth.SynthModule(at),
    };

    IEnumerable<(string Name, string Module)> Wanted(string session) => ((JObject)Youngest(session).Document["imps"]!).Properties()
        .Select(p => (p.Name, Module: (string)p.Value["module"]!)).Where(p => p.Module is "looper" or "bard" or "enchanter" or "synth" && p.Name == p.Module);

    (string Folder, JObject Document) Youngest(string session)
    {
        var at = session.Length == 0 ? Vault : Path.Combine(Vault, "sessions", session);
        return (at, new[] { "vault.json", "session.json" }.Select(f => Path.Combine(at, f)).Where(File.Exists).Select(f => VaultText.Parse(File.ReadAllBytes(f))).MaxBy(VaultText.Seq)!);
    }

    // Every layer of every scene, in the order of undo: the files' bytes and what looper.json says of them.
    static List<string> Layers(string looper)
    {
        var all = new List<string>();
        foreach (var channel in JObject.Parse(File.ReadAllText(Path.Combine(looper, "looper.json")))["channels"]!)
        {
            all.Add($"{channel["number"]} {channel["name"]} {channel["lanes"]} {channel["scene"]} {channel["volume"]} {channel["pan"]} {channel["mute"]} {channel["rate"]} {channel["output"]}");
            foreach (var (scene, number) in channel["scenes"]!.Select((s, i) => (s, i + 1)))
                foreach (var (kind, layers) in new[] { ("undo", scene["undo"]!.ToArray()), ("loop", scene["loop"] is { } loop ? [loop] : []), ("redo", scene["redo"]!.ToArray()) })
                    foreach (var (layer, n) in layers.Select((l, n) => (l, n)))
                        all.Add($"{channel["number"]}/{number} {scene["state"]} {kind} {n}: {layer["frames"]} {layer["period"]} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(Path.Combine(looper, (string)layer["file"]!))))}");
        }
        return all;
    }

    [TestCase(null)]
    [TestCase("many")]
    [TestCase("beyond")]
    [TestCase("")]
    public void A_vault_of_an_earlier_program_loads_with_nothing_lost(string? session)
    {
        var clock = Stopwatch.StartNew();
        var (place, document) = Youngest(session ?? "jam");
        var before = Layers(Path.Combine(place, (string)document.SelectToken("imps.looper.data.folder")!));
        using (var rig = Start(session, out var lines))
        {
            Assert.That(lines, Is.Empty);
            Assert.That(rig.Value("/session/name"), Is.EqualTo(session ?? "jam"), "what was open goes on");
            Check(rig, document);
            var reply = rig.Call("/looper/save", "all")[^1];
            Assert.That(reply.Address, Is.EqualTo("/done"), reply.ToString());
            Assert.That(Layers(folder["files/all"]), Is.EqualTo(before));
            Assert.That(VaultStage.Save(rig), Is.GreaterThan(VaultText.Seq(document)));
        }
        // And what this program has saved of it loads as well, with checksums now.
        using var again = Start(session ?? "jam", out var more);
        Assert.That(more, Is.Empty);
        Check(again, document);
        again.Call("/looper/save", "again");
        Assert.That(Layers(folder["files/again"]), Is.EqualTo(before));
        TestContext.Out.WriteLine($"{before.Count} channels and layers, {clock.ElapsedMilliseconds} ms");
    }

    static void Check(Rig rig, JObject document)
    {
        foreach (var imp in ((JObject)document["imps"]!).Properties())
        {
            // (An imp here has the name of its module; those of other names are looked at in a real server.)
            if (!rig.Server.Imps.Any(i => i.Tree.Name == imp.Name) || (string)imp.Value["module"]! != imp.Name) continue;
            var told = rig.Server.Imps.First(i => i.Tree.Name == imp.Name);
            var now = new LeafValues(rig.Server).Read(told.Slot);
            foreach (var (name, value) in (JObject)imp.Value["data"]!["values"]!)
            {
                object[] was = value is JArray many ? [.. many.Select(v => ((JValue)v).Value!)] : [((JValue)value!).Value!];
                Assert.That(now[name].Select(v => $"{v:R}"), Is.EqualTo(was.Select(v => now[name][0] is float && v is double d ? $"{(float)d:R}" : $"{v:R}")), $"{imp.Name}/{name}");
            }
        }
    }

    [Test]
    public void Undo_and_redo_go_all_the_way()
    {
        using var rig = Start(null, out _);
        Assert.That((rig.Number("/looper/channel/1/layers"), rig.Number("/looper/channel/2/layers"), rig.Number("/looper/channel/2/redo_layers")), Is.EqualTo((16.0, 4.0, 2.0)));
        for (var n = 0; n < 16; n++) rig.Send("/looper/channel/1/undo");
        rig.Render(1024);
        Assert.That((rig.Number("/looper/channel/1/layers"), rig.Number("/looper/channel/1/redo_layers")), Is.EqualTo((0.0, 16.0)));
        Assert.That((rig.Number("/looper/channel/3/scenes"), rig.Number("/looper/channel/4/layers"), rig.Value("/looper/channel/1/name")), Is.EqualTo((3.0, 1.0, "Gitarre übung")));
        rig.Send("/looper/channel/4/undo");
        rig.Render(256);
        Assert.That(rig.Value("/looper/channel/4/state"), Does.StartWith("looping").Or.StartWith("paused"), "a clear can be taken back");
    }

    [Test]
    public void Every_session_of_it_can_be_loaded_one_after_the_other()
    {
        using var rig = Start(null, out _);
        foreach (var session in (string[])["many", "beyond", "jam"])
        {
            rig.Replies.Clear();
            rig.Send("/session/load", session);
            rig.Render(4096);
            Assert.That(rig.TakeReplies()[^1].ToString(), Does.StartWith("/done /session/load"), session);
        }
        Assert.That(rig.Number("/looper/channel/1/layers"), Is.EqualTo(16));
    }
}
