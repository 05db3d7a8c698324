using System.Diagnostics;
using OscLooper.Osc;
using OscLooper.Server.Describe;
using OscLooper.Testing;

namespace OscLooper.Tests.Server.Soaking;

/// <summary>Mutated packets over every address (/session, /realm, /audio/record, /vault, /reaper and /enchanter, too): the server ends well. OSCLOOPER_SOAK=150 makes it more than 2,000,000.</summary>
public sealed class PacketTests
{
    const int Packets = 14_000, PacketsOfAServer = 2_000, PacketsAtOnce = 20;

    [Test]
    public void After_mutated_packets_over_every_address_the_server_is_well()
    {
        using var folder = new OscLooper.Tests.Dsp.TemporaryFolder();
        Directory.CreateDirectory(folder["files"]);
        File.WriteAllText(folder["outside"], "untouched");
        var (troubles, sent, clock) = (new List<string>(), 0L, Stopwatch.StartNew());
        for (var round = 0; sent < (long)Packets * Soak.Times; round++)
        {
            using (var rig = new Rig(new() { Channels = 2, MemoryMib = 64, Vault = folder["vault"], Folders = [folder["files"]] },
                ("looper", at => new OscLooper.Looper.LooperModule(at)), ("reaper", at => new OscLooper.Reaper.ReaperModule(at)), ("bard", at => new OscLooper.Bard.BardModule(at)),
                ("controller", at => new OscLooper.Enchanter.ControllerModule(at)), ("enchanter", at => new OscLooper.Enchanter.EnchanterModule(at)),
                ("synth", at => new OscLooper.Synth.SynthModule(at)), ("gain", at => new OscLooper.Gain.GainModule(at))))
            {
                rig.Server.Logged = (_, line) =>
                {
                    if (line.Contains("Exception", StringComparison.Ordinal) || line.Contains("faulted", StringComparison.Ordinal)) troubles.Add($"round {round}: {line}");
                };
                var mutator = new PacketMutator(AddressBook.Of(rig.Server), round);
                for (var n = 0; n < PacketsOfAServer; n++)
                {
                    rig.Client.Send(mutator.Next());
                    sent++;
                    if (n % PacketsAtOnce != 0) continue;
                    rig.Render(64);
                    rig.Replies.Clear();
                }
                rig.Render(4800, 480);
                rig.Replies.Clear();
                // Among what else there is to hear: /server/trace may be on.
                if (rig.Call("/server/ping", 7) is var heard && heard.All(m => m.Address != "/server/pong")) troubles.Add($"round {round}: no pong, but {string.Join("; ", heard)}");
                if (rig.Value("/realm/health") is not "ok" and var health) troubles.Add($"round {round}: {health}");
                rig.Send("/vault/save");
                for (var n = 0; n < 2000 && !rig.Replies.Any(r => IsEnd(r.Message)); n++) rig.Render(128);
                if (rig.Replies.Select(r => r.Message).FirstOrDefault(IsEnd) is not { Address: "/done" } saved) troubles.Add($"round {round}: /vault/save: {rig.Replies.Select(r => r.Message).FirstOrDefault(IsEnd)?.ToString() ?? "no answer"}");
                // What an answer asked for was heard is not what is judged here.
                rig.Replies.Clear();
            }
            Directory.Delete(folder["vault"], recursive: true);
        }
        TestContext.Out.WriteLine($"{sent} packets in {clock.Elapsed.TotalSeconds:0} s");
        Assert.That(troubles, Is.Empty, $"{troubles.Count}:\n{string.Join('\n', troubles.Take(12))}");
        Assert.That(File.ReadAllText(folder["outside"]), Is.EqualTo("untouched"));
        Assert.That(Directory.GetFileSystemEntries(folder[""]).Select(Path.GetFileName), Is.EquivalentTo(new[] { "files", "outside" }), "nothing was made beside the allowed folder");
        Assert.That(GC.GetTotalMemory(forceFullCollection: true), Is.LessThan(600L << 20));
    }

    [Test]
    public void A_server_of_its_own_that_gets_them_by_UDP_lives_and_saves()
    {
        var program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "OscLooper.Server", new DirectoryInfo(AppContext.BaseDirectory).Name, "OscLooper.Server"));
        if (!File.Exists(program)) Assert.Ignore($"{program} is not there: nothing was sent");
        using var folder = new OscLooper.Tests.Dsp.TemporaryFolder();
        var port = FreePort();
        var start = new ProcessStartInfo(program, ["--osc-port", $"{port}", "--audio", "none", "--quiet", "--channels", "2", "--vault", folder["vault"], "--folder", folder["files"]]) { WorkingDirectory = folder[""], RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        using var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            using var talker = new Network.UdpTalker(port);
            Answered(talker, "/server/ping", "/server/pong", 60);
            using var own = new Rig(new() { Channels = 1 }, ("looper", at => new OscLooper.Looper.LooperModule(at)), ("enchanter", at => new OscLooper.Enchanter.EnchanterModule(at)), ("bard", at => new OscLooper.Bard.BardModule(at)));
            var mutator = new PacketMutator(AddressBook.Of(own.Server), 4711);
            var buffer = new byte[65536];
            for (var n = 0; n < 3000 * Soak.Times; n++)
            {
                var packet = mutator.Next();
                // What ends it when it is well formed is somebody else's test.
                if (packet.Length > 60_000 || packet.AsSpan().IndexOf("/quit"u8) >= 0) continue;
                talker.Send(packet);
                if (n % 20 != 0) continue;
                Thread.Sleep(1);
                while (talker.Socket.Available > 0) talker.Socket.Receive(buffer);
            }
            using var other = new Network.UdpTalker(port);
            Answered(other, "/server/ping", "/server/pong", 60);
            Answered(other, "/vault/save", "/done", 60);
            Assert.That(Answered(other, "/realm/health", "/realm/health", 60).Arguments[0].Text, Is.EqualTo("ok"));
            process.Refresh();
            TestContext.Out.WriteLine($"{process.WorkingSet64 >> 20} MiB");
            Assert.That(process.WorkingSet64, Is.LessThan(2000L << 20));
        }
        finally
        {
            if (!process.HasExited) process.Kill();
            process.WaitForExit();
        }
    }

    // Asked again and again: one datagram may be lost, and a server that starts does not hear yet.
    static OscMessage Answered(Network.UdpTalker talker, string address, string answer, double seconds)
    {
        var last = "nothing";
        for (var clock = Stopwatch.StartNew(); clock.Elapsed.TotalSeconds < seconds;)
            try
            {
                talker.Send(address);
                for (var n = 0; n < 1000 && talker.Hear(500) is { } heard; n++)
                {
                    if (heard.Address == answer && (answer != "/done" || heard.Arguments[0].Text == address)) return heard;
                    if (heard.Address == "/fail") last = heard.ToString();
                }
            }
            catch (System.Net.Sockets.SocketException)
            {
                Thread.Sleep(100);
            }
        throw new AssertionException($"{address}: no {answer} within {seconds} s, but {last}");
    }

    static int FreePort()
    {
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        socket.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        return ((System.Net.IPEndPoint)socket.LocalEndPoint!).Port;
    }

    static bool IsEnd(OscMessage message) => message.Address is "/done" or "/fail" && message.Arguments.Length > 0 && message.Arguments[0].Tag is 's' && message.Arguments[0].Text == "/vault/save";
}
