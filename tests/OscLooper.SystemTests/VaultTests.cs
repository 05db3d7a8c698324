using OscLooper.Client;
using OscLooper.Dsp;
using OscLooper.Tests;

namespace OscLooper.SystemTests;

/// <summary>Servers that are killed for real, at random moments, and started again over what they left.</summary>
public class VaultTests
{
    const int Terminate = 15, Rate = 48_000;
    readonly Folder folder = new();

    [TearDown]
    public void GoAway() => folder.Dispose();

    // OSCLOOPER_SOAK=75 makes it 300 kills while saving and 225 while looping.

    RunningServer Start(params string[] more) => new(folder.Path, ["--vault", folder.Of("vault"), "--channels", "2", "--modules", "looper", .. more]);

    static OscLooperClient Connect(RunningServer server)
    {
        var client = OscLooperClient.Connect("127.0.0.1", server.Port, OscTransport.Tcp);
        client.Patience = TimeSpan.FromSeconds(60);
        return client;
    }

    // On a machine that is very busy the looper may come a little after the ready line.
    static void WaitForLooper(OscLooperClient client, RunningServer server)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            try
            {
                client.Ask("/looper/channel/1/frames");
                if (clock.ElapsedMilliseconds > 500) TestContext.Out.WriteLine($"the looper came {clock.ElapsedMilliseconds} ms after the ready line");
                return;
            }
            catch (OscFailException) when (clock.Elapsed.TotalSeconds < 120)
            {
                Thread.Sleep(50);
            }
            catch (OscFailException)
            {
                TestContext.Out.WriteLine(server.Stop(Terminate).Error);
                throw;
            }
        }
    }

    static long Seq(OscLooperClient client) => client.Ask("/vault/seq")[0].Whole;

    [Test]
    public void Killed_while_saving_it_comes_back_with_what_it_said_was_safe()
    {
        var random = new Random(1);
        var (acknowledged, value, kills) = (0L, 0, 0);
        for (; kills <= 4 * Soak.Times; kills++)
        {
            using var server = Start();
            using var client = Connect(server);
            Assert.That(Seq(client), Is.GreaterThanOrEqualTo(acknowledged), $"kill {kills}: a save that was acknowledged is missing");
            WaitForLooper(client, server);
            Assert.That(client.Ask("/looper/channel/1/volume")[0].Number * 1024, Is.GreaterThanOrEqualTo(value % 4096 - 0.01), $"kill {kills}");
            if (kills == 4 * Soak.Times) break;

            // Saves follow each other until the process is gone, at any point of one of them.
            if (value > 3900) value = 0;
            var killer = new Thread(() =>
            {
                Thread.Sleep(random.Next(5, 400));
                server.Kill();
            });
            killer.Start();
            try
            {
                for (var next = value + 1; ; next++)
                {
                    client.Send("/looper/channel/1/volume", next / 1024f);
                    client.Send("/looper/channel/2/name", new string('x', random.Next(20_000)));
                    acknowledged = client.Call("/vault/save")[^1].Whole;
                    value = next;
                }
            }
            catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or ObjectDisposedException or TimeoutException) { }
            killer.Join();
        }
        Assert.That(Directory.GetFiles(folder.Of("vault"), "*.corrupt-*"), Is.Empty);
        TestContext.Out.WriteLine($"{kills} kills while saving, {acknowledged} saves, none lost");
    }

    // Sample n is n / 2^23: so any stretch of the recording tells where it comes from, and whether anything is missing in it.
    string Count()
    {
        var path = folder.Of("count.wav");
        using var file = SoundFile.Create(path, SoundFormat.WavFloat, 1, Rate);
        file.Write([.. Enumerable.Range(0, 40 * Rate).Select(i => i / 8388608f)]);
        file.Commit();
        return path;
    }

    [Test]
    public void Killed_while_looping_it_loses_less_than_a_second()
    {
        var random = new Random(2);
        var input = Count();
        var most = 0L;
        var kills = 0;
        for (; kills < 3 * Soak.Times; kills++)
        {
            if (Directory.Exists(folder.Of("vault"))) Directory.Delete(folder.Of("vault"), recursive: true);
            long before;
            bool overdubs = kills % 3 == 2;
            using var busy = new BusyMachine();
            using (var server = Start("--input", input))
            using (var client = Connect(server))
            {
                client.Send("/looper/channel/1/sync", "none");
                client.Send("/looper/channel/1/record");
                client.Sync();
                // A knob that never rests keeps the vault busy in every second one.
                var end = Environment.TickCount64 + random.Next(1100, 3500);
                while (Environment.TickCount64 < end)
                {
                    if (kills % 2 == 0) client.Send("/looper/channel/2/volume", (float)random.NextDouble());
                    Thread.Sleep(20);
                }
                if (overdubs)
                {
                    client.Send("/looper/channel/1/play");
                    client.Send("/looper/channel/1/overdub");
                    client.Sync();
                    Thread.Sleep(random.Next(100, 1500));
                }
                before = client.Ask("/looper/channel/1/frames")[0].Whole;
                server.Kill();
            }
            using var again = Start("--folder", folder.Path);
            using var asks = Connect(again);
            WaitForLooper(asks, again);
            var frames = asks.Ask("/looper/channel/1/frames")[0].Whole;
            if (before - frames >= Rate && busy.LatestMilliseconds > 200)
                Assert.Ignore($"this machine is too busy: a thread that sleeps 10 ms was {busy.LatestMilliseconds} ms late; {(before - frames) / (double)Rate:0.00} s were lost (kill {kills})");
            most = Math.Max(most, before - frames);
            Assert.That(before - frames, Is.LessThan(Rate), $"kill {kills}: {(before - frames) / (double)Rate:0.00} s of {before / (double)Rate:0.00} s are lost{(overdubs ? " (overdub)" : "")}");
            if (overdubs) continue;
            asks.Call("/looper/channel/1/save", "back.wav");
            using var back = SoundFile.ReadAll(folder.Of("back.wav"));
            for (var i = 1; i < back.Frames; i++)
                if (back.Lane(0)[i] - back.Lane(0)[i - 1] != 1 / 8388608f) Assert.Fail($"kill {kills}: something is missing at frame {i} of {back.Frames}");
        }
        TestContext.Out.WriteLine($"{kills} kills while recording or overdubbing, at most {most / (double)Rate:0.00} s lost");
    }

    [Test]
    public void Sigterm_saves_in_time_and_a_session_goes_on()
    {
        using (var server = Start("--session", "jam", "--input", Count()))
        using (var client = Connect(server))
        {
            client.Send("/looper/channel/1/sync", "none");
            client.Send("/looper/channel/1/record");
            client.Sync();
            Assert.That(() => client.Ask("/looper/channel/1/frames")[0].Whole, Is.GreaterThan(4800).After(60_000, 20));
            client.Send("/looper/channel/1/play");
            client.Send("/looper/channel/2/pan", 0.25f);
            client.Sync();
            Assert.That(server.StopWell(Terminate).ExitCode, Is.Zero);
        }
        using var again = Start("--session", "jam");
        using var asks = Connect(again);
        Assert.That(asks.Ask("/looper/channel/1/state")[0].Text, Is.EqualTo("looping"));
        Assert.That(asks.Ask("/looper/channel/2/pan")[0].Number, Is.EqualTo(0.25));
        Assert.That(asks.Ask("/session/name")[0].Text, Is.EqualTo("jam"));
        asks.Call("/session/save");
        asks.Send("/looper/channel/1/clear");
        asks.Call("/session/load", "jam");
        Assert.That(() => asks.Ask("/looper/channel/1/state")[0].Text, Is.EqualTo("looping").After(60_000, 20));
        // Nobody recovers by accident what was never lost.
        Assert.That(asks.Ask("/looper/channel/1/layers")[0].Whole, Is.Zero);
    }

    [Test]
    public void A_second_server_on_one_vault_is_refused_by_name_and_on_the_default_one_goes_without()
    {
        using var first = Start();
        var second = Programs.Run(Programs.Server, folder.Path, "--vault", folder.Of("vault"), "--osc-port", "-1", "--audio", "none");
        Assert.That(second.ExitCode, Is.EqualTo(3));
        Assert.That(second.Error, Does.Contain($"process {first.ProcessId} since 20").And.Contain("vault"));
        Assert.That(second.Error.Trim().Split('\n'), Has.Length.EqualTo(1));

        using var byDefault = new RunningServer(folder.Path);
        using var other = new RunningServer(folder.Path);
        using var client = Connect(other);
        Assert.That(Assert.Throws<OscFailException>(() => client.Call("/vault/save"))!.Reason, Is.EqualTo("refused"));
        var ended = other.Stop(Terminate);
        Assert.That(ended.ExitCode, Is.Zero);
        Assert.That(ended.Error, Does.Contain("nothing is remembered"));
    }
}
