using System.Runtime.InteropServices;
using OscLooper.Looper;
using OscLooper.Tests.Dsp;

namespace OscLooper.Tests.Looper;

/// <summary>The audio side stands still in somebody else's code, so what was asked of the looper before was never heard; then another thread answers in its place.</summary>
public unsafe class LateAnswerTests
{
    const double ShowAll = 1;
    const int Frames = 128;

    [Test]
    public void Who_asks_after_others_have_given_up_is_shown_what_there_is()
    {
        using var folder = new TemporaryFolder();
        LooperModule looper = null!;
        using var server = new OscLooper.Server.Server(new() { OscPort = 0, Quiet = true, Channels = 1, Inputs = 1, Outputs = 1 }, [("looper", at => looper = new LooperModule(at))]);
        PlayUntil(server, () => server.Realm.Find("looper")?.State == OscLooper.Server.Realm.ImpState.Active && server.Space.TryFind("/looper/add_channel", out _));
        server.Space.TryFind("/looper/add_channel", out var asks);

        // From here on nothing is played: only this thread is there to be asked.
        void StandIn() => looper.Handle(new Event(server.Engine.Status.Frame, asks.Target, EventKind.Ask, 0, 0, ShowAll));
        Task Save(string name, int standInAfterRounds = int.MaxValue)
        {
            var save = Task.Run(() => looper.Save(Directory.CreateDirectory(folder[name])));
            for (var n = 0; !save.IsCompleted; n++)
            {
                server.Pump();
                if (n == standInAfterRounds) StandIn();
                Thread.Sleep(1);
            }
            return save;
        }

        Assert.That(Save("given up").Exception?.InnerException, Is.InstanceOf<TimeoutException>());
        var asked = Save("asked", 50);
        Assert.That(asked.IsCompletedSuccessfully, Is.True, asked.Exception?.ToString());
        Assert.That(File.Exists(folder["asked/looper.json"]), Is.True);
        // More of them than may wait at once.
        for (var n = 0; n < 6; n++) Save($"given up {n}");
        Save("one more", 50);
        Assert.That(Save("asked again", 50).IsCompletedSuccessfully, Is.True);
    }

    static void PlayUntil(OscLooper.Server.Server server, Func<bool> isSo)
    {
        var samples = (float*)NativeMemory.AllocZeroed(2 * Frames, sizeof(float));
        var lanes = stackalloc float*[2] { samples, samples + Frames };
        for (var clock = System.Diagnostics.Stopwatch.StartNew(); !isSo();)
        {
            server.Pump();
            server.Engine.Process(lanes, lanes + 1, Frames);
            if (clock.Elapsed.TotalSeconds > 60) Assert.Fail("it does not play within 60 s");
        }
        NativeMemory.Free(samples);
    }
}
