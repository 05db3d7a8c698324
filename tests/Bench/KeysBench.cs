using OscLooper.Testing;

namespace OscLooper.Bench;

/// <summary>[main] From a key to its sound: a fake keyboard on JACK MIDI strikes, another JACK client listens to what osclooper plays.</summary>
static class KeysBench
{
    const int Tries = 200, Block = 128;
    const double FramesPerMillisecond = 48;

    public static void Run(string[] _)
    {
        using var server = new RunningServer(withJack: true, "--modules", "bard,synth");
        using var line = new Line(server.Port);
        using var keyboard = new JackPeer(server.JackName!, "keyboard", ["keyboard MIDI 1"]);
        using var ear = new JackPeer(server.JackName!, "ear", [], isPhysical: false);
        if (!JackPeer.Await(() => line.Ask("/midi/inputs", "/midi/inputs")?.ToString().Contains("keyboard") == true)) throw new InvalidOperationException("the keyboard is not found");
        // A sound that begins with its first sample and is gone soon: what is measured is the way, not the attack of a sound.
        foreach (var (leaf, value) in new[] { ("attack", 0f), ("release", 0.01f), ("room", 0f), ("cutoff", 20000f), ("filter/sweep", 0f) }) line.Send($"/synth/{leaf}", value);
        line.Sync();
        ear.Listen("osclooper:out_1", 1e-5f);
        Thread.Sleep(500);

        var random = new Random(1);
        var (frames, missed, early) = (new Sample(), 0, 0);
        for (var i = 0; i < Tries; i++)
        {
            keyboard.First.Forget();
            ear.ListenAgain();
            var at = keyboard.Frame + 3 * Block + random.Next(Block);
            keyboard.First.SendAt(at, 0x90, (byte)random.Next(48, 84), 110);
            if (!JackPeer.Await(() => ear.Onset >= 0, 1)) missed++;
            else if (ear.Onset < keyboard.First.Sent[0].Frame) early++;
            else frames.Add(ear.Onset - keyboard.First.Sent[0].Frame);
            var key = keyboard.First.Sent.Length > 0 ? keyboard.First.Sent[0].Bytes[1] : 60;
            keyboard.First.Send(0x80, (byte)key, 0);
            Thread.Sleep(60);
        }
        string Told(double share) => $"{frames.At(share):F0} frames ({frames.At(share) / FramesPerMillisecond:F2} ms)";
        Console.WriteLine($"key to sound at {Block} frames, through bard and synth: p50 {Told(0.5)}, p95 {Told(0.95)}, max {Told(1)} of {frames.Count} tries (asked: 1 block + 1 ms = {Block + FramesPerMillisecond:F0} frames; JACK itself brings a key of a real device one cycle after it was struck)");
        Console.WriteLine($"not counted: {missed} strokes that JACK lost, {early} in which something still sounded");
        Console.WriteLine(line.Ask("/server/status", "/server/status.reply"));
    }
}
