using OscLooper.Absent;

namespace OscLooper.Needy;

/// <summary>[any] Cannot even be compiled where the library that it refers to is missing.</summary>
[Module("needy", "Needs a library that is not there, for tests.", OnlyWhenNamed = true)]
public sealed class NeedyModule(Branch at) : Module
{
    sealed class Half : AbsentGain
    {
        public override float Factor => 0.5f;
    }

    readonly AudioOut output = at.AudioOut("out", 1);

    /// <summary>[audio] Never gets that far.</summary>
    public override void Process(in Block block) => block.Out(output, 0).Fill(Gain());

    static float Gain() => new Half().Factor;
}
