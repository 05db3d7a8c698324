using System.Runtime.InteropServices;
using OscLooper.Dsp;

namespace OscLooper.Tests.Dsp;

public class DenormalsTests
{
    [Test]
    public void They_are_switched_off_for_the_calling_thread_only()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture is not (Architecture.X64 or Architecture.Arm64))
            Assert.Ignore("Only Linux on x64 and arm64 promises the switch; elsewhere it is tried.");

        bool said = false, before = true, after = false, elsewhere = true;
        OnOwnThread(() => (before, said, after) = (Denormals.AreOff, Denormals.Off(), Denormals.AreOff));
        OnOwnThread(() => elsewhere = Denormals.AreOff);

        Assert.That((before, said, after, elsewhere), Is.EqualTo((false, true, true, false)));
    }

    [Test]
    public void A_decaying_loop_reaches_zero_instead_of_crawling()
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("Only Linux promises the switch.");

        var value = 1f;
        OnOwnThread(() =>
        {
            Denormals.Off();
            for (var pass = 0; pass < 127; pass++) value *= 0.5f;
        });
        Assert.That(BitConverter.SingleToInt32Bits(value), Is.Zero);
    }

    [Test]
    public void It_answers_the_truth_and_never_throws()
    {
        bool said = false, now = true;
        OnOwnThread(() => (said, now) = (Denormals.Off(), Denormals.AreOff));
        Assert.That(said, Is.EqualTo(now));
    }

    // A test runner's thread must not keep the mode.
    static void OnOwnThread(Action action)
    {
        var thread = new Thread(() => action());
        thread.Start();
        thread.Join();
    }
}
