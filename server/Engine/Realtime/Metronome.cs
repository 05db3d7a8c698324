using OscLooper.Dsp;

namespace OscLooper.Server.Realtime;

/// <summary>[audio] A click on each beat of the grid, a higher one on the bar; drawn from tables by the distance to the click's frame.</summary>
sealed class Metronome(AudioOut output)
{
    const double Seconds = 0.06, DecaySeconds = 0.012, BeatHertz = 1000, BarHertz = 1500;

    float[] beat = [], bar = [];
    long clickFrame = long.MinValue / 2;
    bool isBar;

    internal void Prepare(int rate) => (beat, bar) = (Draw(rate, BeatHertz, 0.6), Draw(rate, BarHertz, 1));

    static float[] Draw(int rate, double hertz, double level) =>
        [.. Enumerable.Range(0, (int)(Seconds * rate)).Select(n => (float)(level * Math.Sin(2 * Math.PI * hertz * n / rate) * Math.Exp(-n / (DecaySeconds * rate)) * (1 - n / (Seconds * rate))))];

    /// <summary>[audio] Adds what sounds in a stretch; a click that has begun rings out.</summary>
    internal void Process(in Block block, bool on, Ramp gain)
    {
        for (var at = 0; at < block.Frames;)
        {
            var frame = block.Frame + at;
            var next = on ? (long)Math.Round(block.Transport.NextUnit(frame)) : long.MaxValue;
            if (next == frame)
            {
                (clickFrame, isBar) = (frame, (long)Math.Round(block.Transport.NextBar(frame)) == frame);
                next = (long)Math.Round(block.Transport.NextUnit(frame + 1));
            }
            var until = (int)Math.Min(block.Frames, next - block.Frame);
            Ring(block, at, until, gain);
            at = until;
        }
    }

    /// <summary>[audio] The last click has rung out by this frame.</summary>
    internal bool IsOver(long frame) => frame - clickFrame >= Math.Max(beat.Length, bar.Length);

    void Ring(in Block block, int from, int until, Ramp gain)
    {
        var table = isBar ? bar : beat;
        var place = block.Frame - clickFrame;
        if (place >= table.Length) return;
        var last = (int)Math.Min(until, table.Length - place);
        for (var lane = 0; lane < output.Lanes && last > from; lane++)
        {
            var into = block.Out(output, lane);
            for (var n = from; n < last; n++) into[n] += table[place + n] * gain.At(block.Frame + n);
        }
    }
}
