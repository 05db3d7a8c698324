namespace OscLooper.Bard;

/// <summary>[audio] Clicks on the drum channel: high on the bar, low on its beats, and a second count over the same bar for those who practise three against four.</summary>
sealed class Metronome(Stage output) : IStepper
{
    internal const int High = 76, Low = 77, Other = 75;
    // A change of tempo moves a click by a fraction of a frame: the one that has sounded must not come again.
    const int Apart = 32;

    long last = long.MinValue / 2;
    int pitch;

    internal bool IsOn { get; set; }
    /// <summary>[audio] Clicks of the second count in a bar; 0 = none.</summary>
    internal int Second { get; set; }

    public long NextFrame { get; private set; } = long.MaxValue;

    public void Sync(Transport transport, long frame) => Find(transport, frame);

    void Find(Transport transport, long frame)
    {
        NextFrame = long.MaxValue;
        if (!IsOn) return;
        if (frame >= last && frame < last + Apart) frame = last + Apart;
        var end = transport.NextBar(frame);
        var length = transport.BeatsPerBar * transport.FramesPerBeat;
        Consider(end, High, frame);
        for (var beat = 1; beat < transport.Numerator; beat++) Consider(end - length + beat * length / transport.Numerator, Low, frame);
        for (var beat = 1; beat < Second; beat++) Consider(end - length + beat * length / Second, Other, frame);
    }

    void Consider(double exact, int pitchOfClick, long from)
    {
        if ((long)Math.Round(exact) is var frame && frame >= from && frame < NextFrame) (NextFrame, pitch) = (frame, pitchOfClick);
    }

    public void Step(Performer to, long frame)
    {
        var note = new Note { Pitch = pitch, Channel = Note.DrumChannel, Source = Performer.OwnSource, Velocity = (byte)(pitch == High ? 110 : 80) };
        to.Later(note, output, Performer.None, frame, frame, 0, (long)Math.Round(to.Transport.Rate / 20));
        last = frame;
        Find(to.Transport, frame);
    }

    public void Silence() { }
}
