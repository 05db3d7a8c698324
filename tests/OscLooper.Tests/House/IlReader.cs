using System.Reflection;
using System.Reflection.Emit;

namespace OscLooper.Tests.House;

/// <summary>Reads the instructions of a method with what they refer to.</summary>
static class IlReader
{
    static readonly Dictionary<short, OpCode> codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(f => (OpCode)f.GetValue(null)!).ToDictionary(c => c.Value);

    /// <summary>Each instruction with the member or type it names, if any. Nothing for methods without a body.</summary>
    internal static IEnumerable<(OpCode Code, MemberInfo? Operand)> Read(MethodBase method)
    {
        if (method.GetMethodBody()?.GetILAsByteArray() is not { } il) yield break;
        for (var i = 0; i < il.Length;)
        {
            var code = codes[il[i] == 0xFE ? (short)(0xFE00 | il[++i]) : il[i]];
            i++;
            yield return (code, code.OperandType is OperandType.InlineMethod or OperandType.InlineType or OperandType.InlineField or OperandType.InlineTok
                ? Resolve(method, BitConverter.ToInt32(il, i)) : null);
            i += code.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(il, i),
                _ => 4,
            };
        }
    }

    static MemberInfo? Resolve(MethodBase inside, int token) => inside.Module.ResolveMember(token,
        inside.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null,
        inside.IsGenericMethod ? inside.GetGenericArguments() : null);
}
