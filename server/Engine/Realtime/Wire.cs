using OscLooper.Dsp;

namespace OscLooper.Server.Realtime;

/// <summary>[any] One connection between two lanes as it sounds. It lives from schedule to schedule, so that it fades in when it is made and out when it goes.</summary>
sealed class Wire(Lane from, RaisedCosine curve)
{
    Ramp gain = new(curve, 0);

    /// <summary>[any] Where the sound comes from.</summary>
    internal Lane From { get; } = from;

    /// <summary>[audio] From this frame on it goes to 1 (connected) or 0 (not any more); at once when nobody has heard it yet.</summary>
    internal void Aim(long frame, float target, bool atOnce)
    {
        if (atOnce) gain.Reset(target);
        // What falls by itself is not faded twice: how far it got would depend on when main heard of it.
        else if (gain.Target != target) gain.Start(target == 0 ? Math.Max(frame, From.FallsUntil) : frame, target);
    }

    /// <summary>[audio] Adds what comes through; the first of a mixture also makes the place clean.</summary>
    internal unsafe void Add(Lane into, int offset, int frames, long frame, bool isFirst)
    {
        var to = new Span<float>(into.Start + offset, frames);
        var of = new ReadOnlySpan<float>(From.Start + offset, frames);
        if (gain.IsMoving(frame))
        {
            if (isFirst) to.Clear();
            Mix.AddRamped(to, of, gain, frame);
        }
        else if (gain.Target == 0)
        {
            if (isFirst) to.Clear();
        }
        else if (isFirst) of.CopyTo(to);
        else Mix.AddScaled(to, of, 1f);
    }
}
