namespace OscLooper.Faults;

/// <summary>[any] A tone of 440 Hz until it is told to spoil it, in one of many ways.</summary>
[Module("spoil", "Plays what is no sound, throws or hangs when told.", OnlyWhenNamed = true)]
public sealed class Spoil : Faulty
{
    /// <summary>[any] As loud that its steepest step is 0.0086.</summary>
    public const float Peak = 0.15f;

    readonly AudioOut output;
    readonly Parameter number;
    readonly Command play, throws, hangs, sets;
    readonly double step;
    float bad;
    bool isBad, isThrowing, isHanging;

    /// <summary>[main] Declares.</summary>
    public Spoil(Branch at) : base(at)
    {
        output = at.AudioOut("out", 2);
        step = 2 * Math.PI * 440 / 48000;
        play = at.Command("play", "Plays one sample of this, and from then on the tone again.", Spec.Choice("nan", "infinity", "minus_infinity", "huge", "loud"));
        throws = at.Command("throw", "Throws in Process.");
        hangs = at.Command("hang", "Does not come back from Process for 2 s.");
        sets = at.Command("set", "Sets its number to what is no number.");
        number = at.Parameter("number", Spec.Range(0, 10, 3), "Any number.");
    }

    /// <summary>[audio] What it is told.</summary>
    public override void Handle(in Event e)
    {
        if (e.Is(play)) (isBad, bad) = (true, (int)e.A switch { 0 => float.NaN, 1 => float.PositiveInfinity, 2 => float.NegativeInfinity, 3 => 1e30f, _ => 10_001f });
        else if (e.Is(throws)) isThrowing = true;
        else if (e.Is(hangs)) isHanging = true;
        else if (e.Is(sets))
        {
            number.Set(double.NaN);
            number.SetFor(e, double.NaN);
            number.Put(double.NaN);
        }
    }

    /// <summary>[audio] The tone, or worse.</summary>
    public override void Process(in Block block)
    {
        base.Process(block);
        if (isHanging) Thread.Sleep(2_000);
        for (var lane = 0; lane < output.Lanes; lane++)
        {
            var to = block.Out(output, lane);
            for (var n = 0; n < to.Length; n++) to[n] += Peak * (float)Math.Sin(step * ((block.Frame + n) % 1200));
        }
        if (isThrowing) throw new InvalidOperationException("told to throw");
        if (isBad) block.Out(output, 1)[0] = bad;
        isBad = false;
    }
}
