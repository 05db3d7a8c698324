namespace OscLooper.Tremolo;

/// <summary>[any] Makes the input louder and softer in a steady rhythm.</summary>
[Module("tremolo", "Makes the input louder and softer in a steady rhythm.", OnlyWhenNamed = true)]
public sealed class TremoloModule(Branch at) : Module
{
    readonly AudioIn input = at.AudioIn("in");
    readonly AudioOut output = at.AudioOut("out");
    readonly Parameter depth = at.Parameter("depth", Spec.Range(0, 1, 0.5), "How deep: 0 is none, 1 is down to silence.");
    readonly Parameter speed = at.Parameter("speed", Spec.Range(0.1, 20, 5, "Hz"), "How often a second.");
    readonly Command reset = at.Command("reset", "Back to where it began.");
    double rate = 48000, phase;

    /// <summary>[main, frozen] Called once before it plays: the place to take memory.</summary>
    public override void Prepare(AudioFormat format) => rate = format.Rate;

    /// <summary>[audio] A parameter has its new value already; here is what else an event does.</summary>
    public override void Handle(in Event e)
    {
        if (e.Is(reset)) phase = 0;
    }

    /// <summary>[audio] The engine cuts blocks at events, so every value is right for the whole block.</summary>
    public override void Process(in Block block)
    {
        var (step, begun) = (speed.Value / rate, phase);
        for (var lane = 0; lane < Math.Min(input.Lanes, output.Lanes); lane++)
        {
            var from = block.In(input, lane);
            var to = block.Out(output, lane);
            for (var i = 0; i < block.Frames; i++)
                to[i] += from[i] * (float)(1 - depth.Value * (0.5 - 0.5 * Math.Cos(2 * Math.PI * (begun + i * step))));
        }
        phase = (begun + block.Frames * step) % 1;
    }
}
