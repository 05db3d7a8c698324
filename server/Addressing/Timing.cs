using OscLooper.Server.Realtime;

namespace OscLooper.Server.Addressing;

/// <summary>[main] When things act, and what time it is: by the clocks when live, by the frames alone in a render.</summary>
sealed class Timing(Engine engine, ServerOptions options)
{
    /// <summary>[main] No tag may name a time further ahead.</summary>
    public const long FurthestNanoseconds = 60_000_000_000;

    /// <summary>[main] First frame that has not been played yet.</summary>
    public long Frame => engine.Status.Frame;

    /// <summary>[main] Frames of a block.</summary>
    public int Block => engine.Status.Block > 0 ? engine.Status.Block : options.Block;

    /// <summary>[main] How long a block lasts.</summary>
    public long BlockNanoseconds => Block * 1_000_000_000L / engine.Format.Rate;

    /// <summary>[main] Time is rendered.</summary>
    public bool IsOffline => options.Offline;

    /// <summary>[main] Nanoseconds that only run forwards; in a render they follow the frames.</summary>
    public long Now => options.Offline ? (long)(Frame * (1e9 / engine.Format.Rate)) : SampleClock.MonotonicNow;

    /// <summary>[main] Nanoseconds since 1970.</summary>
    public long UnixNow => engine.Clock.UnixNow;

    /// <summary>[main] The frame on which a message outside bundles acts: one block after it was received, so the spacing of messages is kept.</summary>
    public long PlainFrame(long receivedUnixNanoseconds)
    {
        if (options.Offline) return Frame;
        // Before the first block nobody knows when frames are.
        if (options.Prompt || Frame == 0) return -1;
        var now = UnixNow;
        // A stamp from the future or from long ago is one of a wall clock that was set meanwhile.
        if (receivedUnixNanoseconds > now || receivedUnixNanoseconds < now - 1_000_000_000) receivedUnixNanoseconds = now;
        // One that had to wait for its turn acts at once; only time tags can be late (addresses.md section 1).
        var frame = engine.Clock.FrameAt(receivedUnixNanoseconds) + Block;
        return frame < Frame ? -1 : frame;
    }

    /// <summary>[main] The frame that a time tag names; false when it is too far ahead.</summary>
    public bool TryTaggedFrame(Osc.OscTimeTag tag, out long frame)
    {
        var now = UnixNow;
        var unix = tag.ToUnixNanoseconds(now);
        // Seconds wrap in 2036. Until then a small number is no time beyond the wrap but one long past, 0 above all.
        if (unix > now + FurthestNanoseconds && tag.Raw < Osc.OscTimeTag.FromUnixNanoseconds(now).Raw) unix = long.MinValue;
        frame = unix <= now - FurthestNanoseconds ? 0 : Math.Max(0, engine.Clock.FrameAt(unix));
        return unix <= now + FurthestNanoseconds;
    }
}
