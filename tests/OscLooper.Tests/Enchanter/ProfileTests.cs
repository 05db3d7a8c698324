using System.Text;
using OscLooper.Enchanter;
using OscLooper.Server;
using OscLooper.Testing;
using OscLooper.Tests.Dsp;

namespace OscLooper.Tests.Enchanter;

public class ProfileTests
{
    // Names as the systems give them (facts/controllers.md 0), and as they are in the patch.
    [TestCase("APC Key 25:APC Key 25 MIDI 1 20:0", "apc_key_25_mk1", "")]
    [TestCase("APC Key 25 MIDI 1", "apc_key_25_mk1", "")]
    [TestCase("APC Key 25", "apc_key_25_mk1", "")]
    [TestCase("APC Key 25 mk2:APC Key 25 mk2 APC Key 25 mk2 C 32:1", "apc_key_25_mk2", "")]
    [TestCase("APC Key 25 mk2 C", "apc_key_25_mk2", "")]
    [TestCase("APC Key 25 mk2:APC Key 25 mk2 APC Key 25 mk2 K 32:0", "apc_key_25_mk2", "keys")]
    [TestCase("APC Key 25 mk2 Control", "apc_key_25_mk2", "")]
    [TestCase("APC Key 25 mk2 Keys", "apc_key_25_mk2", "keys")]
    [TestCase("MIDIIN2 (APC Key 25 mk2)", "apc_key_25_mk2", "")]
    [TestCase("APC Key 25 mk2", "apc_key_25_mk2", "keys")]
    [TestCase("APC Key 25 mk2 MIDI 2", "apc_key_25_mk2", "")]
    [TestCase("MPK mini 3:MPK mini 3 MIDI 1 32:0", "mpk_mini_mk3", "")]
    [TestCase("Arturia MicroFreak", "microfreak", "")]
    [TestCase("MiniFuse 2 MIDI 1", "p85", "")]
    [TestCase("nanoKONTROL2", "generic", "")]
    public void A_port_is_known_by_its_name(string port, string profile, string cable)
    {
        var found = new Plugs(null!, Profiles.Shipped, (_, _) => { }).Find(port, isInput: true);
        Assert.That((found?.Profile.Name, found?.Cable.Name), Is.EqualTo((profile, cable)));
    }

    [TestCase("loopback")]
    [TestCase("Midi Through Port-0")]
    public void Some_ports_are_no_devices(string port) => Assert.That(new Plugs(null!, Profiles.Shipped, (_, _) => { }).Find(port, isInput: true), Is.Null);

    [Test]
    public void A_players_own_file_replaces_a_profile_and_a_broken_one_is_named()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(folder[""], "controllers"));
        File.WriteAllText(Path.Combine(folder[""], "controllers", "own.json"),
            Profiles.Text("apc_key_25_mk2.json").Replace("twos_complement", "sign_magnitude"));
        File.WriteAllText(Path.Combine(folder[""], "controllers", "broken.json"), "{\"name\": \"x\"}");
        using var rig = new Rig(new ServerOptions { Folders = [folder[""]] }, ("controller", at => new ControllerModule(at)));
        var port = rig.Server.Engine.Midi.Input("device")!;
        port.Come("test");
        rig.Server.Engine.Midi.Changed!();
        rig.Server.Settle();
        var patch = rig.Server.Engine.Patch;
        patch.ConnectNotes(new("midi", "device"), new("controller", "apc_key_25_mk2"), out _);
        rig.Server.Engine.Load(rig.Server.Imps, patch);
        rig.Render(64);
        port.Hear(rig.Frame, [0xB0, 0x30, 0x43]);
        rig.Render(64);
        Assert.That(rig.Value("/controller/apc_key_25_mk2/knob/1"), Is.EqualTo("-3"));
        Assert.That(ProfileReader.Read("{\"name\": \"x\"}", out var why), Is.Null);
        Assert.That(why, Does.Contain("cables"));
    }

    [Test]
    public void The_example_of_the_read_me_is_a_controller()
    {
        var lines = File.ReadAllLines(Path.Combine(Checkout.Root, "modules", "Enchanter", "README.md"));
        var example = string.Join('\n', lines.SkipWhile(l => !l.StartsWith("    {\"name\": \"my_box\"", StringComparison.Ordinal)).TakeWhile(l => l.StartsWith("    ", StringComparison.Ordinal)));
        var profile = ProfileReader.Read(example, out var why);
        Assert.That(profile, Is.Not.Null, why);
        Assert.That(profile!.Controls.Select(c => c.Name), Is.EqualTo(Enumerable.Range(1, 8).Select(n => $"knob/{n}").Append("key")));
        Assert.That(profile.Find("knob/8")!.Number, Is.EqualTo(23));
    }

    [TestCase("(")]
    [TestCase("a(?!b)", Description = "looks ahead, which could take for ever")]
    public void A_pattern_that_is_none_is_refused(string pattern)
    {
        var text = Profiles.Text("generic.json").Replace("\"in\": \"", $"\"in\": \"{pattern}");
        Assert.That(ProfileReader.Read(text, out var why), Is.Null);
        Assert.That(why, Is.Not.Empty);
        Assert.That(ProfileReader.Read(Profiles.Text("generic.json"), out _), Is.Not.Null);
    }

    [Test]
    public void Fifteen_hundred_damaged_files_are_read_or_refused_and_never_throw()
    {
        var random = new Random(4);
        var texts = Profiles.Shipped.Select(p => Encoding.UTF8.GetBytes(Profiles.Text(p.Name + ".json"))).ToArray();
        var (read, refused) = (0, 0);
        for (var i = 0; i < 1_500; i++)
        {
            var bytes = (byte[])texts[i % texts.Length].Clone();
            for (var n = random.Next(1, 6); n > 0; n--)
            {
                var at = random.Next(bytes.Length);
                bytes[at] = random.Next(3) switch { 0 => (byte)random.Next(32, 127), 1 => (byte)('0' + random.Next(10)), _ => bytes[random.Next(bytes.Length)] };
            }
            if (ProfileReader.Read(Encoding.UTF8.GetString(bytes), out var why) is null) refused++;
            else read++;
            Assert.That(why, Is.Not.Null);
        }
        TestContext.Out.WriteLine($"{read} read, {refused} refused");
        Assert.That(refused, Is.GreaterThan(100));
        Assert.That(read, Is.GreaterThan(100));
    }

    [Test]
    public void Fast_lights_are_held_back_to_the_devices_pace()
    {
        var sent = new List<byte[]>();
        var profile = Profiles.Shipped.Single(p => p.Name == "apc_key_25_mk1") with { MessagesPerSecond = 100 };
        var lamps = new Lamps(new Listener(sent), profile);
        lamps.Come("port");
        lamps.Flush(0);
        Assert.That(sent.Sum(s => s.Length / 3), Is.EqualTo(55), "all of them at once, from what was saved up");
        sent.Clear();
        var pads = profile.Controls.Where(c => c.Kind == ControlKind.Pad).ToArray();
        for (var i = 1; i <= 100; i++)
        {
            foreach (var pad in pads) lamps.Set(pad, i % 2 == 0 ? "playing" : "recording");
            lamps.Flush(i * 0.01);
        }
        Assert.That(sent.Sum(s => s.Length / 3), Is.InRange(100, 110));
        for (var i = 101; i <= 200; i++) lamps.Flush(i * 0.01);
        var last = new Dictionary<byte, byte>();
        foreach (var bytes in sent)
            for (var i = 0; i < bytes.Length; i += 3) last[bytes[i + 1]] = bytes[i + 2];
        Assert.That(last.Values, Is.All.EqualTo(1), "every pad shows the last state in the end");
        Assert.That(last, Has.Count.EqualTo(40));
    }

    [Test]
    public void Lights_that_nobody_took_are_not_taken_for_lit()
    {
        var sent = new List<byte[]>();
        var desk = new Listener(sent);
        var profile = Profiles.Shipped.Single(p => p.Name == "apc_key_25_mk2");
        var lamps = new Lamps(desk, profile);
        desk.IsBusy = true;
        lamps.Come("port");
        lamps.Flush(0);
        Assert.That(sent, Is.Empty);
        desk.IsBusy = false;
        lamps.Flush(1);
        Assert.That(sent.Take(profile.Hello.Count).Select(Convert.ToHexString), Is.EqualTo(profile.Hello.Select(Convert.ToHexString)), "the greeting, too");
        Assert.That(sent.Skip(profile.Hello.Count).Sum(s => s.Length / 3), Is.EqualTo(55));
        sent.Clear();
        var pads = profile.Controls.Where(c => c.Kind == ControlKind.Pad).ToArray();
        lamps.Set(pads[0], "playing");
        desk.IsBusy = true;
        lamps.Flush(2);
        // The other light goes out again before it was ever lit.
        lamps.Set(pads[1], "playing");
        lamps.Flush(3);
        lamps.Set(pads[1], "empty");
        desk.IsBusy = false;
        lamps.Flush(4);
        lamps.Flush(5);
        var lit = sent.SelectMany(bytes => bytes.Chunk(3)).ToArray();
        Assert.That(lit.Count(l => l[1] == pads[0].Number), Is.EqualTo(1), "once, when somebody took it");
        Assert.That(lit, Has.Length.LessThanOrEqualTo(2));
        Assert.That(lamps.IsDirty, Is.False);
    }

    sealed class Listener(List<byte[]> sent) : Desk
    {
        internal bool IsBusy { get; set; }
        public override void Send(string address, Action<bool> answered, params object[] arguments)
        {
            if (!IsBusy) Send(address, arguments);
            answered(!IsBusy);
        }
        public override void Send(string address, params object[] arguments) => sent.Add((byte[])arguments[1]);
        public override IDisposable Watch(string pattern, Action<string, object[]> heard) => throw new InvalidOperationException();
        public override void Log(LogLevel level, string text) { }
        public override string? Resolve(string path, bool forWriting, out string why) => throw new InvalidOperationException();
        public override void OnWorker(Action work, Action<Exception?> then) { }
        public override void Post(Action action) { }
        public override void Tell(Errand errand, int row, double b = 0, double c = 0) { }
    }
}
