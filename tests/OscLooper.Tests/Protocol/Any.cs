using FsCheck;
using FsCheck.Fluent;
using OscLooper.Osc;

namespace OscLooper.Tests.Protocol;

/// <summary>Random values, messages and bundles for properties, and how many tries a soak makes.</summary>
static class Any
{
    static readonly Gen<string> Texts = ArbMap.Default.GeneratorFor<string?>().Select(text => (text ?? "").Replace("\0", "").Replace('\uFFFD', 'x'))
        .Select(text => string.Concat(text.EnumerateRunes())); // whole runes only: half a surrogate pair has no UTF-8

    static readonly Gen<OscValue> Atoms = Gen.OneOf(
        ArbMap.Default.GeneratorFor<int>().Select(i => (OscValue)i),
        ArbMap.Default.GeneratorFor<long>().Select(h => (OscValue)h),
        ArbMap.Default.GeneratorFor<float>().Select(f => (OscValue)f),
        ArbMap.Default.GeneratorFor<double>().Select(d => (OscValue)d),
        ArbMap.Default.GeneratorFor<bool>().Select(b => (OscValue)b),
        ArbMap.Default.GeneratorFor<byte[]?>().Select(b => (OscValue)(b ?? [])),
        ArbMap.Default.GeneratorFor<ulong>().Select(t => (OscValue)new OscTimeTag(t)),
        Texts.Select(s => (OscValue)s),
        Texts.Select(OscValue.Symbol),
        ArbMap.Default.GeneratorFor<int>().Select(OscValue.Char),
        ArbMap.Default.GeneratorFor<uint>().Select(OscValue.Color),
        ArbMap.Default.GeneratorFor<uint>().Select(OscValue.Midi),
        Gen.Elements(OscValue.Nil, OscValue.Impulse));

    static readonly Gen<OscValue[]> Values = Gen.OneOf(
        Atoms.Select(atom => new[] { atom }),
        Atoms.ArrayOf().Select(atoms => (OscValue[])[OscValue.ArrayBegin, .. atoms, OscValue.ArrayEnd]));

    static readonly Gen<string> Addresses =
        Gen.Elements("/", "/a", "/ab", "/abc", "/abcd", "/looper/channel/*/volume", "//x", "/a{b,c}[d-f]?");

    public static Gen<OscMessage> Messages => Addresses.SelectMany(_ => Values.ArrayOf(),
        (address, values) => new OscMessage(address, [.. values.SelectMany(v => v)]));

    /// <summary>Messages of what the text form knows: i h f T F s.</summary>
    public static Gen<OscMessage> TextMessages => Messages.Select(message =>
        new OscMessage(message.Address, [.. message.Arguments.Where(v => "ifTFs".Contains(v.Tag) && double.IsFinite(v.Number)
            || (v.Tag == 'h' && v.Whole is < int.MinValue or > int.MaxValue && v.Tag == 'h'))]));

    public static Gen<OscPacket> Packets(int depth) => depth == 0
        ? Messages.Select(m => (OscPacket)m)
        : Gen.OneOf(Messages.Select(m => (OscPacket)m),
            ArbMap.Default.GeneratorFor<ulong>().SelectMany(_ => Packets(depth - 1).ArrayOf(),
                (tag, elements) => (OscPacket)new OscBundle(new(tag), elements.Length > 4 ? elements[..4] : elements)));

    /// <summary>Checks a property on as many random cases as a soak asks for, and throws with the smallest that fails.</summary>
    public static void All<T>(Gen<T> gen, Func<T, bool> holds, int tries = 300) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(tries * Soak.Times).WithQuietOnSuccess(true), Prop.ForAll(gen.ToArbitrary(), holds));
}
