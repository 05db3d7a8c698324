using OscLooper.Enchanter;
using OscLooper.Server.Midi;

namespace OscLooper.Tests.Enchanter;

public class BindTests
{
    Studio studio = null!;
    MidiInput device = null!;

    [SetUp]
    public void Plug()
    {
        studio = Studio.Enchanted();
        device = studio.Plug("some keys");
        studio.Rig.Send("/server/subscribe", "/server/trace");
        studio.Rig.Send("/server/trace", 1);
        studio.Rig.TakeReplies();
    }

    [TearDown]
    public void Close() => studio.Dispose();

    string Ask(string address, params OscLooper.Osc.OscValue[] arguments) => studio.Rig.Call(address, arguments).Last(m => m.Address is "/done" or "/fail").ToString();

    string Bind(params OscLooper.Osc.OscValue[] arguments) => Ask("/enchanter/bind", arguments);

    string After(params byte[] bytes)
    {
        studio.Rig.TakeReplies();
        device.Hear(studio.Rig.Frame, bytes);
        studio.Wait();
        return string.Join(", ", studio.Said());
    }

    string Turn(int value) => After(0xB0, 20, (byte)value);

    [Test]
    public void A_range_is_reached_at_both_ends_and_may_run_backwards()
    {
        Bind("generic/control/20", "/looper/channel/1/pan", 1f, -1f, "jump");
        Assert.That(Turn(0), Is.EqualTo("/looper/channel/1/pan 1"));
        Assert.That(Turn(127), Is.EqualTo("/looper/channel/1/pan -1"));
        Assert.That(studio.Rig.Number("/looper/channel/1/pan"), Is.EqualTo(-1));
    }

    [Test]
    public void A_knob_moves_nothing_until_it_has_passed_the_value()
    {
        studio.Rig.Send("/looper/channel/1/volume", 0.5f);
        Bind("generic/control/20", "/looper/channel/1/volume", 0f, 1f);
        Assert.That(new[] { Turn(127), Turn(100), Turn(70) }, Is.All.Empty);
        Assert.That(Turn(60), Does.StartWith("/looper/channel/1/volume 0.47"));
        Assert.That(Turn(0), Is.EqualTo("/looper/channel/1/volume 0"));
        // Somebody else moves it far away, then the knob has to fetch it again; a step that the knob is near to does not matter.
        studio.Rig.Send("/looper/channel/1/volume", 0.9f);
        Assert.That(Turn(30), Is.Empty);
        Assert.That(Turn(120), Does.StartWith("/looper/channel/1/volume 0.94"));
    }

    [Test]
    public void Controllers_that_appear_anew_move_nothing()
    {
        studio.Rig.Send("/looper/channel/1/volume", 0.5f);
        Bind("generic/control/20", "/looper/channel/1/volume", 0f, 1f);
        Turn(70);
        Assert.That(Turn(60), Does.StartWith("/looper/channel/1/volume 0.47"), "the knob has it in hand");
        var held = studio.Rig.Value("/looper/channel/1/volume");
        Assert.That(studio.Rig.Call("/realm/imp/controller/respawn")[^1].Address, Is.EqualTo("/done"));
        studio.Wait();
        Assert.That(studio.Rig.Value("/looper/channel/1/volume"), Is.EqualTo(held), "where the new one's knobs stand is not known");
        Assert.That(Turn(10), Is.Empty, "it must be fetched again");
        Assert.That(Turn(80), Does.StartWith("/looper/channel/1/volume 0.6"));
    }

    [Test]
    public void Two_knobs_of_one_address_fetch_it_from_each_other()
    {
        Bind("generic/control/20", "/looper/channel/1/volume", 0f, 1f, "jump");
        Bind("generic/control/21", "/looper/channel/1/volume", 0f, 1f);
        Turn(0);
        Assert.That(After(0xB0, 21, 127), Is.Empty);
        Assert.That(After(0xB0, 21, 0), Is.Empty, "it is there already");
        Assert.That(After(0xB0, 21, 64), Does.StartWith("/looper/channel/1/volume 0.50"));
    }

    [Test]
    public void Exponential_multiplies_by_equal_parts()
    {
        Bind("generic/control/20", "/looper/channel/1/rate", 0.25f, 4f, "exponential jump");
        Assert.That(Turn(0), Is.EqualTo("/looper/channel/1/rate 0.25"));
        // 0.25 * 16^(64/127)
        Assert.That(Turn(64), Does.StartWith("/looper/channel/1/rate 1.01"));
    }

    [Test]
    public void Buttons_press_hold_toggle_or_say_how_hard()
    {
        Bind("generic/key/40", "/looper/channel/1/record");
        Bind("generic/key/41", "/looper/channel/2/mute", 0, 1);
        Bind("generic/key/42", "/looper/channel/3/mute", 0, 1, "toggle");
        Bind("generic/key/43", "/looper/channel/4/volume", 0f, 1f, "velocity");
        Bind("generic/key/44", "/looper/channel/5/scene 2");
        Bind("generic/key/44", "/looper/channel/6/record");
        Assert.That(After(0x90, 40, 9, 0x90, 40, 0), Is.EqualTo("/looper/channel/1/record"));
        Assert.That(After(0x90, 41, 9, 0x90, 41, 0), Is.EqualTo("/looper/channel/2/mute 1, /looper/channel/2/mute 0"));
        Assert.That(After(0x90, 42, 9, 0x90, 42, 0, 0x90, 42, 9, 0x90, 42, 0), Is.EqualTo("/looper/channel/3/mute 1, /looper/channel/3/mute 0"));
        studio.Rig.Send("/looper/channel/3/mute", 1);
        Assert.That(After(0x90, 42, 9, 0x90, 42, 0), Is.EqualTo("/looper/channel/3/mute 0"), "it turns what is, not what it did last");
        Assert.That(After(0x90, 43, 127, 0x90, 43, 0), Is.EqualTo("/looper/channel/4/volume 1.0"));
        Assert.That(After(0x90, 44, 9, 0x90, 44, 0), Is.EqualTo("/looper/channel/5/scene 2, /looper/channel/6/record"));
        Assert.That(studio.Heard, Is.Empty, "a bound key is no note");
    }

    [Test]
    public void Presses_act_with_the_spacing_in_which_they_were_played([Values(64, 480)] int block)
    {
        Bind("generic/pedal/64", "/looper/channel/1/record", 0, 1, "press");
        Bind("generic/pedal/65", "/looper/channel/1/play", 0, 1, "press");
        var start = studio.Rig.Frame;
        device.Hear(start + 100, [0xB0, 64, 127]);
        device.Hear(start + 5101, [0xB0, 65, 127]);
        studio.Rig.Render(20000, block);
        Assert.That(studio.Rig.Number("/looper/channel/1/frames"), Is.EqualTo(5001));
    }

    [Test]
    public void A_press_may_be_given_more_time()
    {
        Bind("generic/pedal/64", "/looper/channel/1/record", 0, 1, "press");
        studio.Rig.Send("/enchanter/latency", 3);
        var start = studio.Rig.Frame;
        device.Hear(start + 100, [0xB0, 64, 127]);
        studio.Rig.Render(4 * 8192, 480);
        Assert.That(studio.Rig.Value("/looper/channel/1/state"), Is.EqualTo($"recording {start + 100 + 3 * studio.Rig.Number("/audio/block")}"));
    }

    [Test]
    public void What_cannot_be_bound_is_refused_and_says_why()
    {
        Assert.That(Bind("generic/pad/1", "/a"), Does.Contain("refused").And.Contains("no controller has a control"));
        Assert.That(Bind("nobody/knob/1", "/a"), Does.Contain("no controller has a control"));
        Assert.That(Bind("generic/control/20", "record"), Does.Contain("is no address"));
        Assert.That(Bind("generic/control/20", "/a \"b"), Does.Contain("quotation mark"));
        Assert.That(Bind("generic/control/20", "/a", 0f, 1f, "exponential"), Does.Contain("same side of 0"));
        Assert.That(Bind("generic/control/20", "/a", 0f, 1f, "sideways"), Does.Contain("sideways"));
        Assert.That(Ask("/enchanter/unbind", "generic/control/20"), Does.Contain("not found"));
        Assert.That(Bind("/controller/generic/control/20", "/a"), Does.StartWith("/done"));
    }

    [Test]
    public void Learning_waits_for_a_real_movement()
    {
        studio.Rig.Send("/enchanter/learn", "/looper/channel/2/pan", -1f, 1f);
        Assert.That(studio.Rig.Value("/enchanter/learning"), Is.EqualTo("/looper/channel/2/pan"));
        Turn(1);
        Assert.That(studio.Rig.Value("/enchanter/learning"), Is.Not.Empty, "a knob that trembles is not meant");
        Turn(60);
        Assert.That(studio.Rig.Value("/enchanter/learnt"), Is.EqualTo("generic/control/20"));
        Assert.That(studio.Rig.Value("/enchanter/learning"), Is.Empty);
        Turn(70);
        Assert.That(studio.Rig.Number("/looper/channel/2/pan"), Is.EqualTo(2 * 70 / 127.0 - 1).Within(1e-6));
        studio.Rig.Send("/enchanter/learn", "/looper/channel/2/record");
        studio.Rig.Send("/enchanter/learn", "");
        After(0x90, 60, 5);
        Assert.That(studio.Rig.Call("/enchanter/bindings", "generic").Count(m => m.ToString().Contains("control/20") || m.ToString().Contains("key/")), Is.EqualTo(1));
    }

    [Test]
    public void Freeing_a_control_while_it_is_held_leaves_no_note_on()
    {
        After(0x90, 60, 50);
        Bind("generic/key/60", "/looper/channel/1/record");
        After(0x90, 60, 0, 0x90, 60, 50);
        studio.Rig.Send("/enchanter/unbind", "generic/key/60");
        After(0x90, 60, 0);
        Assert.That(studio.HeardText(), Is.EqualTo("90 3C 32, 80 3C 40"));
        Assert.That(studio.Rig.Value("/bard/sounding"), Is.EqualTo("0"));
    }

    [Test]
    public void A_preset_brings_back_what_was_and_the_profile_brings_back_its_own()
    {
        Bind("generic/control/20", "/looper/channel/1/pan", -1f, 1f);
        studio.Rig.Send("/looper/channel/1/pan", 0.25f);
        studio.Rig.Send("/bard/scale", "dorian");
        studio.Rig.Send("/enchanter/preset/store", "verse", "/looper/channel/1/pan", "/bard/{scale,transpose}");
        studio.Rig.Send("/enchanter/preset/store", "bound");
        studio.Rig.Send("/looper/channel/1/pan", -0.5f);
        studio.Rig.Send("/bard/scale", "major");
        studio.Rig.Send("/enchanter/preset/recall", "verse");
        studio.Rig.Render(128);
        Assert.That((studio.Rig.Number("/looper/channel/1/pan"), studio.Rig.Value("/bard/scale")), Is.EqualTo((0.25, "dorian")));
        Assert.That(studio.Rig.Call("/enchanter/presets").Select(m => m.ToString()).Where(m => m.StartsWith("/enchanter")), Has.Exactly(1).Contains("verse 3").And.Exactly(1).Contains("bound"));
        Assert.That(Ask("/enchanter/preset/recall", "chorus"), Does.Contain("not found"));
        studio.Rig.Send("/enchanter/preset/remove", "verse");
        Assert.That(Ask("/enchanter/preset/recall", "verse"), Does.Contain("not found"));
        Assert.That(Ask("/enchanter/profile", "generic"), Does.StartWith("/done"));
        Assert.That(studio.Rig.Call("/enchanter/bindings", "generic").Select(m => m.ToString()), Has.None.Contains("control/20").And.Some.Contains("command/67"));
    }
}
