using System.Reflection;
using System.Reflection.Emit;
using OscLooper.Server.Realtime;

namespace OscLooper.Tests.House;

/// <summary>What is compiled before a device plays is all that the audio side can call.</summary>
public class AudioReachTests
{
    [Test]
    public void All_that_the_law_holds_for_is_compiled_ahead()
    {
        var law = new AudioSideLaw(AudioSideRules.Ours);
        law.Offences(AudioSideRules.Roots());
        var ahead = AudioSideRules.Ours.SelectMany(a => new AudioReach(a).Methods).ToHashSet();
        var missed = law.Methods.Where(m => m.GetMethodBody() is not null && !ahead.Contains(m)).Select(m => $"{m.DeclaringType}.{m.Name}").ToList();
        TestContext.Out.WriteLine($"{ahead.Count} methods are compiled ahead, of {law.MethodsRead} that the law reads {missed.Count} are not");
        Assert.That(missed, Is.Empty);
        Assert.That(law.MethodsRead, Is.GreaterThan(1000));
    }

    [Test]
    public void Every_instruction_is_as_long_as_the_runtime_says()
    {
        foreach (var field in typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            var code = (OpCode)field.GetValue(null)!;
            var length = code.OperandType switch
            {
                OperandType.InlineNone or OperandType.InlineSwitch => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                _ => 4,
            };
            // FE 1E .. FE FF are kept for later.
            if (code.OpCodeType != OpCodeType.Nternal) Assert.That(AudioReach.OperandBytes((ushort)code.Value), Is.EqualTo(length), code.Name);
        }
    }
}
