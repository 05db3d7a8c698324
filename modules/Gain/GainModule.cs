namespace OscLooper.Gain;

/// <summary>[any] The smallest complete module: turns the sound up or down. The tutorial of modules/README.md.</summary>
[Module("gain", "A volume knob.", OnlyWhenNamed = true)]
public sealed class GainModule(Branch at) : Module
{
    readonly AudioIn input = at.AudioIn("in");
    readonly AudioOut output = at.AudioOut("out");
    readonly Parameter level = at.Parameter("level", Spec.Decibels(-60, 12), "Output level.");
    readonly Parameter mute = at.Parameter("mute", Spec.Switch(), "1 silences the output.");
    readonly Command reset = at.Command("reset", "Back to 0 dB.");

    /// <summary>[audio] Hears reset; the engine has already stored what was set.</summary>
    public override void Handle(in Event e)
    {
        if (e.Is(reset)) level.Set(0);
    }

    /// <summary>[audio] Silence in, silence out: it is not called then.</summary>
    public override bool IsIdle => true;

    /// <summary>[audio] Every value is right for the whole block, because the engine cuts blocks at events.</summary>
    public override void Process(in Block block)
    {
        var gain = mute.IsOn ? 0f : (float)Math.Pow(10, level.Value / 20);

        for (var lane = 0; lane < Math.Min(input.Lanes, output.Lanes); lane++)
        {
            var from = block.In(input, lane);
            var to = block.Out(output, lane);
            for (var i = 0; i < block.Frames; i++) to[i] += from[i] * gain;
        }
    }
}
