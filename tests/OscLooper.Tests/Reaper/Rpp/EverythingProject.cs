namespace OscLooper.Tests.Reaper.Rpp;

/// <summary>A project by hand with the kinds of lines and blocks that REAPER 7 writes: text with bars and signs, all quotes, frozen tracks, containers, AU, CLAP, JS and video effects, pooled and
/// selected MIDI, takes with effects, lanes, envelopes, automation items, several sources. Lines end with LF.</summary>
static class EverythingProject
{
    public const string Text = """"
        <REAPER_PROJECT 0.1 "7.16/macOS-arm64" 1715000000
          <NOTES 0 2
            |first | line
            ||second
            |
            |> not the end
            |<NOR A BEGIN
          >
          RIPPLE 0 0
          <METADATA
            <RENDER_METADATA
            TAG ID3:TIT2 "A 'b' title"
            >
          >
          TEMPO 97.3 7 8 0
          <TEMPOENVEX
            EGUID {11111111-1111-4111-8111-111111111111}
            ACT 1 -1
            VIS 1 0 1
            LANEHEIGHT 0 0
            ARM 0
            DEFSHAPE 1 -1 -1
            PT 0.000000000000 97.3000000000 0 524295 0 1 0 "" 0 10921 0 ABBBBBB
            PT 4.000000000000 140.0000000000 1
          >
          RULERHEIGHT 80 80
          RULERLANE 1 4 "" 0 -1
          MARKER 1 1.5 "say `hi`" 0 0 1 B {22222222-2222-4222-8222-222222222222} 0
          MARKER 2 2 'a "region"' 1 33226752 1 B {32222222-2222-4222-8222-222222222222} 0
          MARKER 2 3.5 "" 1
          <PROJBAY
          >
          <TRACK {33333333-3333-4333-8333-333333333333}
            NAME `''''''"""`
            <NAME
              |'''```"""
            >
            PEAKCOL 33226752
            VOLPAN 0.5 0 -1 -1 1
            MUTESOLO 0 0 0
            ISBUS 1 1
            FIXEDLANES 9 0 0 0 0
            LANESOLO 1 0 0 0 0 0 0 0
            LANENAME a "b c" d
            FREEZE 1 0 0 0
            NCHAN 4
            TRACKID {33333333-3333-4333-8333-333333333333}
            HWOUT 0 0 1 0 0 0 0 -1:U 0
            MAINSEND 1 0
            RAZOREDIT 0 1 ""
            <VOLENV2
              EGUID {44444444-4444-4444-8444-444444444444}
              ACT 1 -1
              VIS 1 1 1
              VOLTYPE 1
              POOLEDENVINST 1 0 4 0 1 1 0 0 0 0 0 1
              PT 0 1 0
              PT 2 0.5 5 1 0 0 0.25
            >
            <FREEZE 2 0
              <FXCHAIN
                BYPASS 0 0 0
                <VST "VST: ReaEQ (Cockos)" reaeq.vst.dylib 0 "" 1919247729<56535472656571726561657100000000> ""
                  cWVlcu5e7f4AAAAA
                  AAAQAAAA
                >
                WAK 0 0
              >
            >
            <FXCHAIN
              WNDRECT 0 0 10 10
              SHOW 0
              LASTSEL 0
              DOCKED 0
              BYPASS 0 0 0
              <CONTAINER Container "my rack" ""
                CONTAINER_CFG 2 2 2 0
                SHOW 0
                LASTSEL 0
                DOCKED 0
                BYPASS 1 0 0
                <JS loser/3BandEQ "low 'cut'"
                  0 200 0 2000 0 - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - 
                >
                FXID {55555555-5555-4555-8555-555555555555}
                WAK 0 0
              >
              BYPASS 0 0 0
              <AU "AU: AUDelay (Apple)" "Apple: AUDelay" "" 1635083896 1684368505 1634758764
                AAAA
              >
              BYPASS 0 0 0
              <CLAP "CLAPi: Surge XT (Surge Synth Team)" org.surge-synth-team.surge-xt ""
                CFG 4 760 335 ""
                <IN_PINS
                >
                <STATE
                  AAAAAAAAAA==
                >
              >
              BYPASS 0 0 0
              <VIDEO_EFFECT "Video processor" ""
                <CODE
                  |// Text overlay
                  |#text="";
                  |font="Arial";
                >
                CODEPARM 0 0 0
              >
              BYPASS 0 0 0
              <JS Guitar/amp-model ""
                "a b.wav" 0 - - 
              >
              <JS_SER
                AAAA
              >
              <PARMENV 0 0 1 0.5 "Thing / x"
                EGUID {66666666-6666-4666-8666-666666666666}
                PT 0 0.5 0
              >
              WAK 0 0
            >
            <ITEM
              POSITION 0
              SNAPOFFS 0
              LENGTH 2
              LOOP 0
              ALLTAKES 0
              COLOR 33226752 B
              FADEIN 1 0 0 1 0 0 0
              FADEOUT 1 0 0.01 1 0 0 0
              MUTE 0 0
              SEL 0
              YPOS 0 0.5
              IGUID {77777777-7777-4777-8777-777777777777}
              IID 1
              NAME "midi é 🎸"
              VOLPAN 1 0 1 -1
              SOFFS 0 0
              PLAYRATE 1 1 0 -1 0 0.0025
              CHANMODE 0
              GUID {78777777-7777-4777-8777-777777777777}
              <SOURCE MIDI
                HASDATA 1 960 QN
                CCINTERP 32
                POOLEDEVTS {88888888-8888-4888-8888-888888888888}
                e 0 90 3c 60
                Em 10 90 3e 60 -16
                em 10 80 3e 00
                e 460 80 3c 00
                <X 0 0 0 0 1 "a text"
                  /wFhIHRleHQ=
                >
                <X 0 0
                  8H4AAfc=
                >
                <x 0 0
                  8H4AAfc=
                >
                E 0 c0 05 00
                E 0 e0 00 40
                E 1440 b0 7b 00
                CCINTERP 32
                CHASE_CC_TAKEOFFS 1
                GUID {99999999-9999-4999-8999-999999999999}
                IGNTEMPO 0 120 4 4
              >
              TAKE SEL
              NAME other
              TAKEVOLPAN 0 1 -1
              SOFFS 0.25
              PLAYRATE 2 0 3 -1 0 0.0025
              CHANMODE 0
              GUID {79777777-7777-4777-8777-777777777777}
              <SOURCE SECTION
                LENGTH 1
                STARTPOS 0.5
                OVERLAP 0.01
                <SOURCE WAVE
                  FILE "Media/a b's.wav"
                >
              >
              <TAKEFX
                SHOW 0
                BYPASS 0 0 0
                <JS loser/3BandEQ ""
                  0 - - - 
                >
                WAK 0 0
              >
              SM 0 0 + 1 1.1
            >
          >
          <TRACK {A3333333-3333-4333-8333-333333333333}
            NAME child
            ISBUS 2 -1
            AUXRECV 0 0 1 0 0 0 0 0 2 -1:U 31 -1 ''
            <AUXVOLENV
              ACT 1 -1
            >
            <ITEM
              POSITION 0
              LENGTH 4
              <NOTES
                |lyrics | here
                |line 2
              >
              IMGRESOURCEFLAGS 0
            >
            <ITEM
              POSITION 1
              LENGTH 1
              NAME v
              <SOURCE VIDEOEFFECT
                <CODE
                  |x=1;
                >
              >
            >
            <ITEM
              POSITION 5
              LENGTH 1
              NAME pool
              <SOURCE MIDIPOOL
                HASDATA 1 960 QN
                POOLEDEVTS {88888888-8888-4888-8888-888888888888}
              >
            >
            <ITEM
              POSITION 7
              LENGTH 1
              NAME rpp
              <SOURCE RPP_PROJECT
                FILE "sub.rpp"
              >
            >
            <ITEM
              POSITION 8
              LENGTH 1
              NAME file
              <SOURCE MIDI
                FILE "x.mid"
              >
            >
            <ITEM
              POSITION 9
              LENGTH 1
              NAME empty
              <SOURCE EMPTY
              >
            >
          >
          <EXTENSIONS
            <S&M_CYCLACTION
            >
          >
          <EXTSTATE
            <MYSEC
              KEY "a \"x"
            >
          >
        >

        """";
}
