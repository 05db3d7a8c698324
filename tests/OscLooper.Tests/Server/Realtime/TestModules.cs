using OscLooper.Dsp;

namespace OscLooper.Tests.Server.Realtime;

/// <summary>Adds its ramped level times the input, and what it remembers from 100 frames ago.</summary>
sealed class RampModule(Branch at) : Module
{
    readonly AudioSide audio = at.Audio;
    readonly AudioIn input = at.AudioIn("in");
    readonly AudioOut output = at.AudioOut("out");
    readonly Parameter level = at.Parameter("level", Spec.Range(0, 4, 1), "Level, ramped.");
    readonly Parameter echo = at.Parameter("echo", Spec.Range(0, 1, 0), "How much of 100 frames ago is heard, ramped.");
    readonly Command jump = at.Command("jump", "Changes the tempo.", Traits.CutsAll, Spec.Range(20, 400, 120));
    Ramp levelRamp = new(RaisedCosine.Rise(96), 1), echoRamp = new(RaisedCosine.Rise(96), 0);

    public override void Handle(in Event e)
    {
        if (e.Is(level)) levelRamp.Start(e.Frame, (float)level.Value);
        if (e.Is(echo)) echoRamp.Start(e.Frame, (float)echo.Value);
        if (e.Is(jump)) audio.ChangeTempo(e.A);
    }

    public override void Process(in Block block)
    {
        var beat = (float)(block.Transport.FramesPerBeat / 24000);
        for (var lane = 0; lane < Math.Min(input.Lanes, output.Lanes); lane++)
        {
            var from = block.In(input, lane);
            var past = block.Before(input, lane, 100);
            var to = block.Out(output, lane);
            for (var i = 0; i < block.Frames; i++)
            {
                var was = i < 100 ? past[i] : from[i - 100];
                to[i] += from[i] * levelRamp.At(block.Frame + i) * beat + was * echoRamp.At(block.Frame + i);
            }
        }
    }
}

/// <summary>As a looper does: two rows, each cut for itself; adds row level to every sample.</summary>
sealed class RowsModule : Module, ISelfCutting
{
    readonly AudioSide audio;
    readonly AudioOut output;
    readonly Parameter level;

    public RowsModule(Branch at)
    {
        (audio, output) = (at.Audio, at.AudioOut("out"));
        var rows = at.Rows("row");
        level = rows.Each.Parameter("level", Spec.Range(0, 10, 0), "Adds.");
        rows.Add();
        rows.Add();
    }

    public int LevelOf(int row) => level.Of(row).Leaf;

    public void Process(in Block block, ReadOnlySpan<Event> events)
    {
        var at = block.Frame;
        foreach (ref readonly var e in events)
        {
            Add(block, at, e.Frame);
            at = e.Frame;
            audio.Accept(e);
        }
        Add(block, at, block.Frame + block.Frames);
    }

    void Add(in Block block, long from, long until)
    {
        var to = block.Out(output, 0)[(int)(from - block.Frame)..(int)(until - block.Frame)];
        for (var i = 0; i < to.Length; i++) to[i] += (float)(level.Value + level.Of(1).Value);
    }
}

/// <summary>Throws when told to.</summary>
sealed class FallingModule(Branch at) : Module
{
    readonly AudioOut output = at.AudioOut("out");
    readonly Parameter fall = at.Parameter("fall", Spec.Switch(), "Throws in Process.");
    readonly Command trip = at.Command("trip", "Throws in Handle.");

    public override void Handle(in Event e)
    {
        if (e.Is(trip)) throw new InvalidOperationException("tripped");
    }

    public override void Process(in Block block)
    {
        block.Out(output, 0).Fill(1);
        if (fall.IsOn) throw new InvalidOperationException("fell");
    }
}
