using FsCheck;
using FsCheck.Fluent;
using OscLooper.Osc;

namespace OscLooper.Tests.Protocol;

public class TimeTagTests
{
    static readonly DateTime Now = new(2026, 11, 21, 0, 0, 0, DateTimeKind.Utc);

    [Test]
    public void The_unix_epoch_is_83aa7e80()
    {
        Assert.That(OscTimeTag.FromUnixNanoseconds(0).Raw, Is.EqualTo(0x83AA7E80_00000000));
        Assert.That(OscTimeTag.FromDateTime(DateTime.UnixEpoch).Raw, Is.EqualTo(0x83AA7E80_00000000));
        Assert.That(new OscTimeTag(0x83AA7E80_80000000).ToUnixNanoseconds(), Is.EqualTo(500_000_000));
        Assert.That(OscTimeTag.Immediate.IsImmediate);
        Assert.That(OscTimeTag.Immediate.Raw, Is.EqualTo(1));
    }

    [Test]
    public void A_time_is_rounded_to_the_nearest_tag_and_back_to_itself() => Any.All(ArbMap.Default.GeneratorFor<long>(), ns =>
    {
        var time = ns % 4_000_000_000_000_000_000;
        var tag = OscTimeTag.FromUnixNanoseconds(time);
        var exact = ((Int128)time + (Int128)2_208_988_800 * 1_000_000_000 << 32) / (Int128)1e9;
        var error = (long)(tag.Raw - (ulong)exact); // the exact one is cut, so at most one below
        return error is 0 or 1 && tag.ToUnixNanoseconds(time) == time;
    });

    [Test]
    public void Rounding_carries_into_the_seconds()
    {
        // 999,999,999.9 ns would be the last part; one tick is 100 ns, so only the last nanosecond comes close.
        Assert.That(new OscTimeTag(0x83AA7E80_FFFFFFFF).ToUnixNanoseconds(0), Is.EqualTo(1_000_000_000));
        Assert.That(OscTimeTag.FromUnixNanoseconds(-1).Raw, Is.EqualTo(0x83AA7E7F_FFFFFFFC));
        Assert.That(new OscTimeTag(0x83AA7E80_FFFFFFFF).ToDateTime(Now), Is.EqualTo(DateTime.UnixEpoch.AddSeconds(1)));
    }

    [Test]
    public void A_tag_names_the_time_nearest_to_now_across_2036()
    {
        var wrap = new DateTime(2036, 2, 7, 6, 28, 16, DateTimeKind.Utc);
        Assert.That(OscTimeTag.FromDateTime(wrap).Raw, Is.Zero);
        foreach (var time in new[] { wrap.AddDays(-1), wrap, wrap.AddDays(1), wrap.AddYears(60) })
        {
            var tag = OscTimeTag.FromDateTime(time);
            Assert.That(tag.ToDateTime(wrap), Is.EqualTo(time));
            Assert.That(tag.ToDateTime(time.AddYears(-60)), Is.EqualTo(time));
            Assert.That(tag.ToDateTime(time.AddYears(60)), Is.EqualTo(time));
        }
        Assert.That(OscTimeTag.FromDateTime(Now).ToDateTime(), Is.EqualTo(Now));
        Assert.That(new OscTimeTag(0).ToDateTime(new DateTime(1950, 1, 1, 0, 0, 0, DateTimeKind.Utc)).Year, Is.EqualTo(1900));
    }

    [Test]
    public void No_tag_and_no_time_are_too_far() => Any.All(
        ArbMap.Default.GeneratorFor<ulong>().SelectMany(_ => ArbMap.Default.GeneratorFor<long>(), (raw, near) => (raw, near)), pair =>
        {
            var nanoseconds = new OscTimeTag(pair.raw).ToUnixNanoseconds(pair.near * 0x1_0001);
            return Int128.Abs((Int128)nanoseconds - pair.near * 0x1_0001) <= (Int128)(1L << 31) * 1_000_000_000 + 1_000_000_000;
        });

    [Test]
    public void The_later_tag_knows_immediately_and_2036()
    {
        var last = new OscTimeTag(ulong.MaxValue);
        var first = new OscTimeTag(5);
        Assert.That(OscTimeTag.Later(last, first), Is.EqualTo(first));
        Assert.That(OscTimeTag.Later(first, last), Is.EqualTo(first));
        Assert.That(OscTimeTag.Later(OscTimeTag.Immediate, last), Is.EqualTo(last));
        Assert.That(OscTimeTag.Later(last, OscTimeTag.Immediate), Is.EqualTo(last));
        // 0 and other small numbers are long past beside a tag of today, not of 2036.
        var today = OscTimeTag.FromDateTime(Now);
        foreach (var old in new OscTimeTag[] { new(0), new(2), new(1000UL << 32) })
        {
            Assert.That(OscTimeTag.Later(today, old), Is.EqualTo(today));
            Assert.That(OscTimeTag.Later(old, today), Is.EqualTo(today));
        }
        Assert.That(OscTimeTag.Later(today, today), Is.EqualTo(today));
    }
}
