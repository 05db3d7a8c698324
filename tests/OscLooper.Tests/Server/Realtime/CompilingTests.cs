using System.Runtime.Intrinsics;
using OscLooper.Dsp;
using OscLooper.Server;
using OscLooper.Testing;

namespace OscLooper.Tests.Server.Realtime;

/// <summary>On which thread, and in which float mode, what plays is compiled.</summary>
public class CompilingTests
{
    /// <summary>Calls what cannot be found by reading its code: made by reflection, compiled at its first call.</summary>
    [Module("late", "Compiles while it plays.")]
    sealed class Late(Branch at) : Module
    {
        readonly AudioOut output = at.AudioOut("out", 1);
        readonly Func<float, float> power = typeof(Late).GetMethod(nameof(PowerOfTwo))!.MakeGenericMethod(typeof(Guid)).CreateDelegate<Func<float, float>>();

        internal static bool WasOff { get; private set; }

        /// <summary>The integer constant has the bits of a denormal float; a compiler that takes such for 0 loses it.</summary>
        public static float PowerOfTwo<T>(float x)
        {
            var whole = Vector256.ConvertToInt32(Vector256.Create(x)) + Vector256.Create(127);
            return Vector256.ShiftLeft(whole, 23).AsSingle().GetElement(3);
        }

        public override void Process(in Block block)
        {
            WasOff = Denormals.AreOff;
            block.Out(output, 0)[0] += power(3);
        }
    }

    [Test]
    public void What_nobody_could_foresee_is_compiled_right_all_the_same_and_told()
    {
        var lines = new List<string>();
        using var rig = Rig.With(at => new Late(at), new ServerOptions { Outputs = 1 });
        rig.Server.Logged = (_, line) => lines.Add(line);
        var compiled = rig.Server.Engine.Status.AudioSideCompiledMethods;
        var output = rig.Render(64);
        Assert.That(output[0], Is.EqualTo(8f), "2 to the power 3");
        Assert.That(rig.Server.Engine.Status.AudioSideCompiledMethods, Is.GreaterThan(compiled));
        Assert.That(lines, Has.Some.Contains("were compiled while they played"));
        if (OperatingSystem.IsLinux()) Assert.That(Late.WasOff, "denormals are off while it plays");
        Assert.That(Denormals.AreOff, Is.False, "and on again between the blocks of a render");
    }

    [Test]
    public void The_float_mode_of_a_thread_is_changed_in_one_place()
    {
        var changes = new[] { "server", "modules", "protocol", "clients" }.SelectMany(room => Directory.GetFiles(Path.Combine(Checkout.Root, room), "*.cs", SearchOption.AllDirectories))
            .Where(file => File.ReadAllText(file) is var text && (text.Contains("Denormals.Off(", StringComparison.Ordinal) || text.Contains("Denormals.Exchange(", StringComparison.Ordinal)))
            .Select(Path.GetFileName);
        Assert.That(changes, Is.EqualTo(new[] { "Engine.Measuring.cs" }));
    }
}
