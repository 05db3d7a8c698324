using OscLooper.Server.Midi;

namespace OscLooper.Server.Realtime;

/// <summary>
/// [audio] MIDI clock out: 24 ticks a quarter note on the frames of the grid, start, stop, continue and song position. It looks only at
/// the transport, stretch by stretch, so it does not matter who moved it.
/// </summary>
sealed class ClockSender
{
    const int TicksPerBeat = 24, TicksPerSixteenth = 6, LastSixteenth = 16383;

    readonly NotesOut output;
    bool isOn, wasPlaying;
    double expectedGrid, expectedPosition;
    long nextTick, continueTick = long.MaxValue;

    internal ClockSender(NotesOut output) => this.output = output;

    /// <summary>[audio] A stretch in which the transport does not change.</summary>
    internal void Process(in Block block, bool on)
    {
        if (!on)
        {
            isOn = wasPlaying = false;
            return;
        }
        var transport = block.Transport;
        Follow(block, transport);
        for (var end = block.Frame + block.Frames; ; nextTick++)
        {
            var frame = (long)Math.Round(transport.FrameOf((double)nextTick / TicksPerBeat));
            if (frame >= end) break;
            frame = Math.Max(frame, block.Frame);
            if (nextTick >= continueTick)
            {
                block.Send(output, frame, MidiMessage.Continue, 0, 0);
                continueTick = long.MaxValue;
            }
            block.Send(output, frame, MidiMessage.Clock, 0, 0);
        }
        (expectedGrid, expectedPosition) = (transport.GridAt(block.Frame + block.Frames), transport.PositionAt(block.Frame + block.Frames));
        (isOn, wasPlaying) = (true, transport.IsPlaying);
    }

    // What happened at the first frame of the stretch.
    void Follow(in Block block, Transport transport)
    {
        var (grid, position) = (transport.GridAt(block.Frame), transport.PositionAt(block.Frame));
        var jumped = !isOn || Math.Abs(position - expectedPosition) > 1e-6;
        if (!isOn || Math.Abs(grid - expectedGrid) > 1e-6) nextTick = FirstTick(transport, block.Frame);
        if (wasPlaying && (!transport.IsPlaying || jumped)) Stop(block);
        if (!jumped && wasPlaying == transport.IsPlaying) return;
        if (transport.IsPlaying && Math.Abs(position) < 1e-9) block.Send(output, block.Frame, MidiMessage.Start, 0, 0);
        else if (jumped || transport.IsPlaying) Locate(block, position, transport.IsPlaying);
    }

    void Stop(in Block block)
    {
        block.Send(output, block.Frame, MidiMessage.Stop, 0, 0);
        continueTick = long.MaxValue;
    }

    // A song position is a sixteenth, so the song goes on at the next one.
    void Locate(in Block block, double position, bool goesOn)
    {
        var sixteenth = (int)Math.Clamp(Math.Ceiling(position * TicksPerBeat / TicksPerSixteenth - 1e-6), 0, LastSixteenth);
        block.Send(output, block.Frame, MidiMessage.SongPosition, sixteenth & 127, sixteenth >> 7);
        if (goesOn) continueTick = (long)sixteenth * TicksPerSixteenth;
    }

    static long FirstTick(Transport transport, long frame)
    {
        var tick = (long)Math.Floor(transport.GridAt(frame) * TicksPerBeat) - 1;
        while (Math.Round(transport.FrameOf((double)tick / TicksPerBeat)) < frame) tick++;
        return tick;
    }
}
