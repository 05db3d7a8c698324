#!/usr/bin/env python3
"""What the scores must sound like, computed without the product: the level (RMS of all lanes over the whole length, dBFS) of each score.

Loops are computed from what they hold: a sine of peak a has the mean square a*a/2, whole periods of different sines add up. Synths and drums
are played sample by sample by a model of their own, written from the description of the sound (waves, envelopes, filter, room), naive where
the product is refined (no anti-aliasing, some at a lower rate). Usage: model.py [NAME]...; prints NAME and dB, one score a line.
"""
import ctypes, ctypes.util, glob, math, sys

SQRT2 = math.sqrt(2)


def sine(peak):
    return peak * peak / 2


def level(seconds, parts):
    """Parts are (from, until, mean square left, mean square right)."""
    total = sum((until - begin) * (left + right) / 2 for begin, until, left, right in parts)
    return 10 * math.log10(total / seconds)


def both(begin, until, *peaks):
    square = sum(sine(p) for p in peaks)
    return begin, until, square, square


# Loops. The sines of "steps", one a second, and the two lanes of "stereo" and "half".
A, B, C, D = 0.4, 0.3, 0.2, 0.1
L, R = 0.5, 0.3


def stereo(begin, until, left=1.0, right=None):
    right = left if right is None else right
    return begin, until, sine(L * left), sine(R * right)


def pan(place):
    return SQRT2 * math.cos(math.pi / 4 * (1 + place)), SQRT2 * math.sin(math.pi / 4 * (1 + place))


def loop():
    left, right = pan(-0.5)
    return level(5, [stereo(1, 2), stereo(2, 3, 0.5), stereo(3, 4, 0.5 * left, 0.5 * right)])


def overdub():
    return level(5, [both(1, 2, A), both(2, 3, A, B), both(3, 5, A / 2, B / 2, C)])


def undo():
    return level(7.5, [both(1, 3, A), both(3, 4, A, C), both(4, 5, A), both(5, 6, A, C), both(6.5, 7.5, A, C)])


def rates():
    """The loop is a tone in its first half: how long is the head there?"""
    heard, position, steps = 0, 0.0, 10000
    for rate in (0.5, 2, -1, 1):
        for _ in range(steps):
            heard += position % 1 < 0.5
            position += rate / steps
    return level(5, [stereo(0, heard / steps)])


def scenes():
    return level(7.5, [both(1, 2, A), both(3, 4, C), both(4, 5, A), both(5, 6, C), both(6.2, 6.5, C), both(6.5, 7.5, A)])


def mixer():
    return level(6, [stereo(1, 2, 1.5, 1.5 + SQRT2), stereo(2, 3, 2.5, 2.5 + SQRT2), stereo(3, 4, 0.5, 0.5 + SQRT2),
                     stereo(4, 5, 2.5 / 4, (2.5 + SQRT2) / 4)])


def quantize():
    return level(7.5, [both(4, 5, C), both(5, 5.5, D), both(6, 7, C), both(7, 7.5, D)])


def cycles():
    return level(4.5, [both(0.75, 4.5, A), both(2.25, 3.75, B), both(3.75, 4.5, C)])


def pauses():
    return level(4.5, [stereo(0, 1.5)])


def monitor():
    return level(5, [both(0, 1, A), both(1, 3, B), both(4, 5, D)])


def click(is_bar):
    """Energy of a click in seconds: a decaying sine of 60 ms."""
    rate, energy = 48000, 0
    for n in range(int(0.06 * rate)):
        x = math.exp(-n / (0.012 * rate)) * (1 - n / (0.06 * rate)) * math.sin(2 * math.pi * (1500 if is_bar else 1000) * n / rate)
        energy += (x * (1 if is_bar else 0.6)) ** 2
    return energy / rate


def metronome():
    energy = 0
    for beat in range(1, 4 + 13):
        at = beat * 0.5 if beat < 4 else 2 + (beat - 4) * 0.25
        energy += click(beat % 3 == 0) * (0.25 if at > 4.1 else 1)
    return level(6, [(0, 1, energy, energy)])


def tempo_from_loop():
    """160 a minute from beat 1.5 at 0.75 s on, 100 from beat 9.1 at 3.6 s on, beat 0 at 5 s."""
    beats = [(0.9375 + 0.375 * n, 2 + n) for n in range(8)] + [(4.14, 10), (4.74, 11), (5.0, 0), (5.6, 1)]
    energy = sum(click(beat % 4 == 0) for _, beat in beats)
    return level(6, [stereo(0.75, 6, 0.25), (0, 1, energy, energy)])


def patch():
    soft = 10 ** (-6 / 20)
    return level(6.5, [stereo(1.1, 2), stereo(2, 3, soft), stereo(3.5, 4.5), stereo(4.5, 5.5, 2), stereo(5.5, 6.5)])


def files():
    return level(5, [stereo(0.1, 1.3), stereo(2, 4.2, 0.5), stereo(4.2, 5, 1.5)])


def reaper():
    return level(5.2, [stereo(1.2, 2.2), stereo(2.2, 3.2, 0.5), stereo(4.2, 5.2)])


def lanes():
    return level(5, [(1.1, 2.1, sine(L), sine(L)), (2.1, 3.1, sine(R), sine(L)), (3.1, 4.1, sine(L), sine(L))])


# The synth. wave, unison, detune, sub, cutoff, resonance, sweep, follow, touch, amp ADSR, filter ADSR, vibrato, glide, room, level
VOICES = {
    "keys": ("triangle", 2, 6, 0.15, 1200, 0.1, 1.7, 0.6, 2.8, (0.002, 1.6, 0.12, 0.25), (0.001, 0.45, 0.1, 0.3), 0, 0, 0.18, 1.3),
    "pad": ("saw", 4, 22, 0.1, 500, 0.12, 1.8, 0.4, 0.8, (0.45, 1.2, 0.8, 1.4), (0.9, 2.5, 0.5, 1.5), 4, 0, 0.4, 0.8),
    "bass": ("saw", 2, 8, 0.7, 220, 0.3, 2.6, 0.3, 1.2, (0.002, 0.35, 0.65, 0.09), (0.001, 0.22, 0.1, 0.1), 0, 0, 0.04, 1.3),
    "lead": ("saw", 4, 16, 0.15, 1500, 0.3, 1.6, 0.6, 1, (0.006, 0.4, 0.75, 0.18), (0.004, 0.5, 0.4, 0.2), 9, 0.05, 0.25, 1),
    "pluck": ("saw", 2, 10, 0.2, 350, 0.25, 3.6, 0.5, 1.6, (0.001, 0.5, 0, 0.3), (0.001, 0.18, 0, 0.2), 0, 0, 0.3, 1.8),
    "organ": ("sine", 1, 0, 0.8, 6000, 0, 0, 0.2, 0.2, (0.004, 0.05, 0.95, 0.06), (0.001, 0.1, 1, 0.1), 5, 0, 0.25, 0.55),
    "strings": ("saw", 4, 26, 0, 1600, 0.05, 0.9, 0.5, 0.7, (0.18, 0.8, 0.85, 0.5), (0.25, 1.5, 0.6, 0.6), 7, 0, 0.4, 0.75),
    "brass": ("saw", 4, 13, 0.1, 450, 0.15, 2.6, 0.5, 1.4, (0.04, 0.5, 0.8, 0.15), (0.07, 0.6, 0.55, 0.2), 5, 0, 0.22, 1.1),
    "square": ("square", 2, 7, 0.1, 1800, 0.1, 1, 0.6, 1, (0.003, 0.4, 0.6, 0.12), (0.002, 0.4, 0.3, 0.2), 6, 0, 0.15, 1.1),
}
NAMES = "wave unison detune sub cutoff resonance sweep follow touch amp filter vibrato glide room level".split()
SPREAD = {1: (0,), 2: (-1, 1), 3: (-1, 0.13, 0.91), 4: (-1, -0.31, 0.38, 1)}
WAVES = {
    "saw": lambda p: 2 * p - 1,
    "square": lambda p: 0.7 if p < 0.5 else -0.7,
    "triangle": lambda p: (abs(p - 0.5) * 4 - 1) * 1.2,
    "sine": lambda p: math.sin(2 * math.pi * p),
}


def share(seconds, constants, per_second):
    return 1 - math.exp(-constants / max(1, seconds * per_second))


class Envelope:
    ATTACK = math.log(1.25 / 0.25)

    def __init__(self, adsr, per_second):
        self.value, self.target = 0.0, 1.25
        attack, decay, self.sustain, release = adsr
        self.rate = share(attack, self.ATTACK, per_second)
        self.decay = share(decay, 3, per_second)
        self.release_rate = share(release, 5, per_second)

    def release(self):
        self.target, self.rate = 0.0, self.release_rate

    def step(self):
        self.value += (self.target - self.value) * self.rate
        if self.value >= 1:
            self.value, self.target, self.rate = 1.0, self.sustain, self.decay


class Synth:
    """Plays (seconds, what): ("on", key, velocity), ("off", key), ("set", name, value). Every 48000 / rate-th sample of what is described."""

    def __init__(self, voice, slower=1, **changes):
        self.set = dict(zip(NAMES, VOICES[voice]), gain=1.0, polyphony=32)
        self.set.update(changes)
        self.rate, self.tick, self.slower = 48000 // slower, 16 // slower, slower
        self.cutoff = math.log2(self.set["cutoff"])
        self.voices, self.order, self.last = [], 0, None

    def on(self, key, velocity):
        s = self.set
        if len(self.voices) == s["polyphony"]:
            taken = self.voices.pop()
            states, phases, amp = taken["svf"], taken["phases"], Envelope(s["amp"], self.rate)
            amp.value = taken["amp"].value
        else:
            self.order += 1
            seed, phases = self.order * 2654435761 % 2 ** 32, []
            self.order -= 1
            for _ in range(4):
                seed = (seed * 1664525 + 1013904223) % 2 ** 32
                phases.append((seed >> 8) / 2 ** 24)
            phases.append(0.0)
            states, amp = [0.0] * 4, Envelope(s["amp"], self.rate)
        self.order += 1
        pitch = self.last if s["glide"] > 0 and self.last is not None else key
        self.last = key
        self.voices.append({"key": key, "down": True, "amp": amp, "sweep": Envelope(s["filter"], self.rate / self.tick), "pitch": pitch,
                            "loud": (velocity / 127) ** 1.4, "touch": velocity / 127 - 0.6, "phases": phases, "svf": states, "c": None})
        self.control(self.voices[-1], True)

    def off(self, key):
        for v in self.voices:
            if v["key"] == key and v["down"]:
                v["down"] = False
                s, now = self.set, (v["amp"], v["sweep"])
                now[0].release_rate = share(s["amp"][3], 5, self.rate)
                for envelope in now:
                    envelope.release()

    def control(self, v, fresh=False):
        s = self.set
        if not fresh:
            v["sweep"].step()
            v["pitch"] += (v["key"] - v["pitch"]) * (1 if s["glide"] <= 0 else share(s["glide"], 3, self.rate / self.tick))
        vibrato = s["vibrato"] / 100 * self.wave
        step = 440 * 2 ** ((v["pitch"] + vibrato - 69) / 12) / self.rate
        unison = s["unison"]
        v["steps"] = [step * 2 ** (place * s["detune"] / 2 / 1200) for place in SPREAD[unison]]
        v["sub_step"] = step / 2
        octaves = self.cutoff + v["sweep"].value * s["sweep"] + v["touch"] * s["touch"] + (v["pitch"] - 60) * s["follow"] / 12
        # The filter is that of 48 kHz, whatever the rate here.
        g = math.tan(min(2 ** octaves * math.pi / 48000, 1.4))
        if self.slower > 1:
            g = math.tan(min(math.atan(g) * self.slower, 1.5))
        a1 = 1 / (1 + g * (g + 2 - 1.9 * s["resonance"]))
        c = (a1, g * a1, g * g * a1)
        if fresh:
            v["c"], v["dc"] = list(c), (0, 0, 0)
        else:
            v["dc"] = [(to - now) / self.tick for to, now in zip(c, v["c"])]

    def sides(self):
        unison = self.set["unison"]
        loud = 0.5 / math.sqrt(unison)
        left, right = [], []
        for i, place in enumerate(SPREAD[unison]):
            side = place if unison == 2 or i % 2 == 0 else -place
            left.append(loud * (1 - 0.6 * side))
            right.append(loud * (1 + 0.6 * side))
        return left, right

    def play(self, seconds, events, drums=None, room=None):
        """The level of it all; drums and room are heard as well."""
        frames, energy = round(seconds * self.rate), 0.0
        events = sorted(((round(at * self.rate), n, what) for n, (at, *what) in enumerate(events)))
        place, self.wave = 0, 0.0
        to_left, to_right = self.sides()
        loud_now, gain_now = self.set["level"], self.set["gain"]
        for n in range(frames):
            if n % self.tick == 0:
                self.cutoff += (math.log2(self.set["cutoff"]) - self.cutoff) * 0.08
                self.wave = math.sin(2 * math.pi * (5.3 * n / self.rate))
                self.voices = [v for v in self.voices if v["amp"].value > 1e-4 or v["amp"].target > 0]
                for v in self.voices:
                    self.control(v)
            while place < len(events) and events[place][0] <= n:
                what = events[place][2]
                place += 1
                if what[0] == "on":
                    self.on(*what[1:])
                elif what[0] == "off":
                    self.off(what[1])
                elif what[0] == "hit":
                    drums.hit(*what[1:])
                else:
                    self.set[what[1]] = what[2]
                    to_left, to_right = self.sides()
            loud_now += (self.set["level"] - loud_now) * 0.05
            gain_now += (self.set["gain"] - gain_now) * 0.05
            left = right = 0.0
            wave, sub = WAVES[self.set["wave"]], self.set["sub"] * 0.5
            for v in self.voices:
                phases = v["phases"]
                l = r = 0.0
                if sub:
                    l = r = math.sin(2 * math.pi * phases[4]) * sub
                    phases[4] = (phases[4] + v["sub_step"]) % 1
                for i, step in enumerate(v["steps"]):
                    x = wave(phases[i])
                    l += x * to_left[i]
                    r += x * to_right[i]
                    phases[i] = (phases[i] + step) % 1
                v["amp"].step()
                c, dc, svf = v["c"], v["dc"], v["svf"]
                c[0] += dc[0]
                c[1] += dc[1]
                c[2] += dc[2]
                loud = v["amp"].value * v["loud"]
                v3 = l - svf[1]
                v1 = c[0] * svf[0] + c[1] * v3
                v2 = svf[1] + c[1] * svf[0] + c[2] * v3
                svf[0], svf[1] = 2 * v1 - svf[0], 2 * v2 - svf[1]
                left += v2 * loud
                v3 = r - svf[3]
                v1 = c[0] * svf[2] + c[1] * v3
                v2 = svf[3] + c[1] * svf[2] + c[2] * v3
                svf[2], svf[3] = 2 * v1 - svf[2], 2 * v2 - svf[3]
                right += v2 * loud
            left, right = left * 0.34 * loud_now, right * 0.34 * loud_now
            send = left + right
            if drums:
                l, r = drums.step()
                left, right, send = left + 0.8 * l, right + 0.8 * r, send + 0.8 * 0.3 * (l + r)
            if room:
                l, r = room.step(send * 0.09)
                left, right = left + l * self.set["room"], right + r * self.set["room"]
            for x in (left * gain_now, right * gain_now):
                x = max(-3, min(3, x))
                x = max(-1, min(1, x * (27 + x * x) / (27 + 9 * x * x)))
                energy += x * x
        return 10 * math.log10(energy / 2 / frames)


class Line:
    def __init__(self, frames):
        self.memory, self.place, self.low = [0.0] * frames, 0, 0.0

    def comb(self, x):
        y = self.memory[self.place]
        self.low = y + (self.low - y) * 0.28
        self.memory[self.place] = x + self.low * 0.83
        self.place = (self.place + 1) % len(self.memory)
        return y

    def allpass(self, x):
        y = self.memory[self.place]
        self.memory[self.place] = x + y * 0.5
        self.place = (self.place + 1) % len(self.memory)
        return y - x


class Room:
    """Freeverb's tunings at 44.1 kHz, the right side 23 frames longer: six combs side by side, three all-passes in a row."""

    def __init__(self, rate=48000):
        def make(tunings, more):
            return [Line(int((t + more) * rate / 44100)) for t in tunings]
        self.sides = [(make((1116, 1188, 1277, 1356, 1422, 1557), more), make((556, 441, 341), more)) for more in (0, 23)]

    def step(self, x):
        heard = []
        for combs, passes in self.sides:
            y = sum(line.comb(x) for line in combs)
            for line in passes:
                y = line.allpass(y)
            heard.append(y)
        return heard


# tone, low, high, fall, tone decay, second, noise, metal, colour, highs, noise decay, bursts, pan, choke
KICK = (1.05, 48, 260, 0.035, 0.42, 0, 0.16, 0, 1800, 0, 0.02, 1, 0, 0)
SNARE = (0.5, 185, 330, 0.02, 0.14, 1.78, 0.9, 0, 3400, 0, 0.22, 1, -0.05, 0)
HAT = (0, 100, 100, 0.01, 0.01, 0, 0.56, 0.6, 7600, 1, 0.085, 1, 0.25, 1)


def changed(drum, **fields):
    names = "tone low high fall tone_decay second noise metal colour highs noise_decay bursts pan choke".split()
    return tuple({**dict(zip(names, drum)), **fields}[n] for n in names)


def tom(key):
    low = 72 * 2 ** ((key - 41) / 9)
    return 0.75, low, low * 1.9, 0.05, 0.42, 1.5, 0.12, 0, 900, 0, 0.08, 1, max(-0.6, min(0.6, (key - 45) * 0.08)), 0


def block(hertz):
    return 0.5, hertz, hertz * 1.05, 0.004, 0.07, 1.51, 0.1, 0, hertz * 2, 0, 0.012, 1, 0.1, 0


DRUMS = {
    35: changed(KICK, low=41, tone_decay=0.55), 36: KICK, 38: SNARE, 40: changed(SNARE, low=215, noise_decay=0.3, noise=0.75),
    37: (0.35, 420, 900, 0.008, 0.05, 1.7, 0.4, 0, 2500, 0, 0.04, 1, 0.2, 0), 39: (0, 100, 100, 0.01, 0.01, 0, 1.25, 0, 1250, 0, 0.24, 4, -0.15, 0),
    42: HAT, 44: changed(HAT, noise_decay=0.05, noise=0.45), 46: changed(HAT, noise_decay=0.6), 41: tom(41), 45: tom(45), 50: tom(50),
    49: (0, 100, 100, 0.01, 0.01, 0, 0.5, 0.35, 4200, 1, 1.9, 1, -0.4, 0), 51: (0.08, 3100, 3100, 0.01, 0.5, 1.48, 0.34, 0.75, 6200, 1, 1.1, 1, 0.45, 0),
    55: (0, 100, 100, 0.01, 0.01, 0, 0.5, 0.5, 5200, 1, 0.7, 1, -0.3, 0), 54: (0, 100, 100, 0.01, 0.01, 0, 0.35, 0.5, 8500, 1, 0.14, 2, 0.3, 0),
    56: (0.3, 540, 545, 0.01, 0.22, 1.482, 0.08, 1, 2000, 0, 0.1, 1, 0.15, 0), 70: (0, 100, 100, 0.01, 0.01, 0, 0.3, 0, 7000, 1, 0.07, 1, -0.35, 0),
    75: block(2400), 77: block(880), 60: changed(tom(60), tone_decay=0.16, low=110 + 6 * 12, high=220 + 12 * 12),
}


class Drums:
    RATE = 48000

    def __init__(self, changes=()):
        """Changes are (seconds, gain)."""
        self.voices, self.hits, self.frame, self.gain, self.changes = [], 0, 0, 1.0, list(changes)

    def hit(self, key, velocity):
        (tone, low, high, fall, tone_decay, second, noise, metal, colour, highs, noise_decay, bursts, side, choke) = DRUMS[key]
        rate, loud = self.RATE, velocity / 127
        for v in self.voices:
            if v["key"] == key or (choke and v["choke"] == choke):
                v["tone_rate"] = v["noise_rate"] = math.exp(-6.9 / (0.005 * rate))
                v["bursts"] = 0
        self.hits += 1
        self.voices.append({
            "key": key, "choke": choke, "seed": self.hits * 2654435761 % 2 ** 32 | 1, "highs": highs, "tone": tone * loud ** 1.5, "noise": noise * loud ** 1.5,
            "attack": noise * loud ** 1.5, "tone_rate": math.exp(-6.9 / (tone_decay * rate)),
            "noise_rate": math.exp(-6.9 / (noise_decay * (0.7 + 0.3 * loud) * rate)), "first": low / rate, "second": low * second / rate, "fall": (high - low) / rate,
            "fall_rate": math.exp(-3 / (fall * rate)), "metal": metal, "squares": [0.0] * 6, "g": math.tan(math.pi * min(0.45, colour / rate)),
            "damping": 1.2 if highs else 0.7, "bursts": bursts - 1, "burst": int(rate * 0.011), "left": math.sqrt((1 - side) / 2), "right": math.sqrt((1 + side) / 2),
            "p1": 0.0, "p2": 0.0, "s1": 0.0, "s2": 0.0})

    def step(self):
        left = right = 0.0
        for v in self.voices:
            x = 0.0
            if v["tone"] > 1e-5:
                x = math.sin(2 * math.pi * v["p1"])
                if v["second"]:
                    x = 0.6 * x + 0.4 * math.sin(2 * math.pi * v["p2"])
                x *= v["tone"]
                v["p1"] = (v["p1"] + v["first"] + v["fall"]) % 1
                v["p2"] = (v["p2"] + v["second"] + v["fall"]) % 1
                v["fall"] *= v["fall_rate"]
                v["tone"] *= v["tone_rate"]
            if v["noise"] > 1e-5:
                seed = v["seed"]
                seed = (seed ^ seed << 13) & 0xFFFFFFFF
                seed ^= seed >> 17
                v["seed"] = seed = (seed ^ seed << 5) & 0xFFFFFFFF
                raw = (seed - 2 ** 32 if seed >= 2 ** 31 else seed) / (2 ** 31 - 1)
                if v["metal"]:
                    total = 0
                    for i, hertz in enumerate((410.6, 608.8, 739.2, 1045.4, 1080, 1600)):
                        v["squares"][i] = (v["squares"][i] + hertz / self.RATE) % 1
                        total += 1 if v["squares"][i] < 0.5 else -1
                    raw += v["metal"] * (total * 0.4 - raw)
                g, k = v["g"], v["damping"]
                a = 1 / (1 + g * (g + k))
                v3 = raw - v["s2"]
                v1 = a * v["s1"] + g * a * v3
                v2 = v["s2"] + g * v1
                v["s1"], v["s2"] = 2 * v1 - v["s1"], 2 * v2 - v["s2"]
                x += (raw - k * v1 - v2 if v["highs"] else v1) * v["noise"]
                v["noise"] *= v["noise_rate"]
                if v["bursts"] > 0:
                    v["burst"] -= 1
                    if v["burst"] == 0:
                        v["noise"], v["burst"] = v["attack"], int(self.RATE * 0.011)
                        v["bursts"] -= 1
                    else:
                        v["noise"] *= 0.995
            left += x * v["left"]
            right += x * v["right"]
        self.voices = [v for v in self.voices if v["tone"] > 1e-5 or v["noise"] > 1e-5]
        self.frame += 1
        if self.changes and self.frame >= self.changes[0][0] * self.RATE:
            self.gain = self.changes.pop(0)[1]
        return left * self.gain, right * self.gain


def notes_of(*notes):
    """(from, until, key, velocity) as events; what begins and ends together ends first."""
    events = []
    for begin, until, key, velocity in notes:
        events += [(begin, "on", key, velocity), (until, "off", key)]
    return sorted(events, key=lambda e: (e[0], e[1] != "off"))


def plain(seconds, *notes):
    return Synth("organ", 4, room=0, vibrato=0, sub=0).play(seconds, notes_of(*notes))


def voice(name):
    return lambda: Synth(name, 2, room=0).play(1.4, [(0.05, "on", 57, 100), (0.45, "on", 64, 70), (0.75, "off", 57), (0.9, "off", 64)])


def room():
    return Synth("organ", vibrato=0, room=1).play(1.5, [(0.05, "on", 60, 110), (0.35, "off", 60), (0.5, "hit", 38, 100)], Drums(), Room())


def synth_leaves():
    return Synth("square", 1, room=0, vibrato=0, unison=1, sub=0.5).play(1.6, [
        (0.05, "on", 48, 127), (0.3, "set", "wave", "saw"), (0.3, "set", "cutoff", 400), (0.3, "set", "resonance", 0.6), (0.6, "set", "wave", "triangle"),
        (0.6, "set", "level", 2), (0.6, "set", "sweep", 4), (0.6, "set", "glide", 0.2), (0.7, "set", "polyphony", 1), (0.7, "on", 72, 90),
        (1.0, "set", "gain", 0.5), (1.0, "set", "amp", (0.003, 0.4, 0.6, 0.3)), (1.2, "off", 72)])


def synth_shapes():
    return Synth("lead", 2, room=0, vibrato=0, glide=0, unison=3, detune=30, follow=1, touch=3, amp=(0.05, 0.1, 0.4, 0.05), filter=(0.03, 0.1, 0.2, 0.05)).play(
        1.2, [(0.05, "on", 45, 127), (0.35, "off", 45), (0.4, "on", 69, 50), (0.8, "off", 69)])


def steps():
    """127 (100/127)^2 is 79, and that share of 20 to 100 is 70. From 0.25 s on four steps of a quarter second: two short notes, nothing, one over two steps."""
    played = []
    for begin in (0.25, 1.25):
        played += [(begin, begin + 0.1, 60, 70), (begin + 0.125, begin + 0.225, 60, 70), (begin + 0.5, begin + 0.95, 76, 70)]
    return plain(2.5, *played)


def notes():
    """The loop of one second begins at 1.5 with its note at 0.1; the overdub adds one at 0.25."""
    take, dub = (0.1, 0.4, 60, 100), (0.25, 0.5, 67, 80)
    played = [(0.6, 0.9, 60, 100), (1.75, 2.0, 67, 80)]
    for turn in range(6):
        begin = 1.5 + turn
        if begin < 5.5:
            which = [take] if begin in (1.5, 3.5) else [take, dub]
            played += [(begin + a, begin + b, key, round(velocity * 0.6) if begin >= 4.5 else velocity) for a, b, key, velocity in which]
    played += [(5.5 + 2 * a, 5.5 + 2 * b, key, round(velocity * 0.6)) for a, b, key, velocity in (take, dub)]
    return plain(8, *played)


def note_scenes():
    """The first loop turns at half seconds; muted at 5.7 in the midst of its note, silent for a solo elsewhere at 6.6, cleared at 7.8."""
    first = [(begin, end, 57, 90) for begin, end in ((0.6, 0.9), (1.6, 1.9), (5.6, 5.7), (7.6, 7.8))]
    return plain(8, *first, (3.1, 3.6, 69, 120), (4.1, 4.6, 69, 120))


def bard():
    return plain(2.5, (0.1, 0.5, 62, 100), (0.6, 1.0, 62, 100), (0.6, 1.0, 67, 100), (1.2, 1.6, 70, 90), (1.7, 1.9, 60, 64), (1.9, 2.3, 67, 64))


def chords():
    notes = [(0.1, 0.5, key, 70) for key in (60, 64, 67)] + [(0.6, 1.0, key, 70) for key in (57, 60, 64, 67)] + [(1.1, 1.5, key, 70) for key in (53, 60, 65)]
    return plain(2.6, *notes, (1.6, 1.8, 57, 100), (1.6, 1.8, 64, 100), (1.85, 2.05, 64, 80), (2.1, 2.3, 64, 64))


def arpeggio():
    """Beat 4.2 is at 2.1 s, where the tempo becomes 150; with swing the second step of a pair of eighths begins at 634 of 960 ticks, of quarters at 1267 of 1920."""
    up = [(0.25 * n, 0.25 * n + 0.125, (67, 60, 64)[n % 3], 100) for n in range(1, 9)]
    places = [5, 4, 3, 2, 1, 0]
    beats = [4.5 + 0.5 * n for n in range(10)] + [9 + 634 / 960, 10, 10 + 634 / 960, 11]
    down = []
    for n, beat in enumerate(beats):
        place, at = places[(8 + n) % 6], 2.1 + (beat - 4.2) * 0.4
        down.append((at, at + 0.1, (60, 64, 67)[place % 3] + 12 * (place // 3), 100))
    chords = [(at, at + 0.2, key, 100) for at in (2.1 + (beat - 4.2) * 0.4 for beat in (12, 12 + 1267 / 960, 14)) for key in (60, 64, 67, 72, 76, 79)]
    return plain(7, *up, *down, *chords)


def drums():
    """Steps of an eighth of a second. From 2.1 s on the second of each pair is 0.15 s behind the first; the second pattern begins with the bar at 4 s."""
    hits = []
    for bar in (0, 2):
        hits += [(bar, 1, 36, 120), (bar + 1, 1, 36, 110), (bar + 0.5, 2, 38, 100)]
        hits += [(bar + 1.5 + (0.15 if bar else 0.125) * part / 3 * (0.125 / 0.15 if bar else 1), 2, 38, 110) for part in range(3)]
    hits += [(0.25 * n, 3, 42, 100) for n in range(9)]
    hits += [((step // 2) * 0.25 + step % 2 * (0.125 if step < 17 else 0.15), 7, 45, 90) for step in range(0, 32, 3)]
    hits += [(4, 1, 36, 127), (4.5, 5, 39, 100), (6.5, 5, 39, 100)]
    events = [(at, "hit", key, velocity) for at, lane, key, velocity in sorted(hits)]
    return Synth("organ", room=0).play(8.5, events, Drums(changes=[(6.2, 0.5)]))


def enchanter():
    """The key at 1.5 s plays the loop, the next two mute it and bring it back, the last one sets its volume by its velocity."""
    tone = 10 ** (plain(5.5, (4.0, 4.5, 72, 100)) / 10)
    parts = [stereo(1.5, 2.5), stereo(3, 3.5), stereo(3.5, 5.5, 64 / 127)]
    return level(5.5, [*parts, (0, 5.5, tone, tone)])


def fluid():
    """The library itself, spoken to by this script: the same notes at the same multiples of 64 frames."""
    name = ctypes.util.find_library("fluidsynth")
    if not name:
        return None
    lib = ctypes.CDLL(name)
    pointer = ctypes.c_void_p
    for function in (lib.new_fluid_settings, lib.new_fluid_synth):
        function.restype, function.argtypes = pointer, [pointer] if function is lib.new_fluid_synth else []
    settings = pointer(lib.new_fluid_settings())
    lib.fluid_settings_setnum.argtypes = [pointer, ctypes.c_char_p, ctypes.c_double]
    lib.fluid_settings_setnum(settings, b"synth.sample-rate", 48000)
    lib.fluid_settings_setnum(settings, b"synth.gain", 0.5)
    synth = pointer(lib.new_fluid_synth(settings))
    font = next((f for f in ("/usr/share/sounds/sf2/default-GM.sf2", "/usr/share/sounds/sf2/FluidR3_GM.sf2", "/usr/share/sounds/sf2/TimGM6mb.sf2") if glob.glob(f)), None)
    if font is None or lib.fluid_synth_sfload(synth, font.encode(), 1) < 0:
        return None
    events = [(0.05, "noteon", 0, 60, 110), (0.4, "noteon", 0, 64, 90), (0.8, "noteoff", 0, 60), (0.9, "program_change", 0, 16), (1.0, "noteon", 0, 67, 100),
              (1.4, "noteoff", 0, 67), (1.5, "noteon", 9, 38, 100), (1.5, "program_change", 1, 40), (1.6, "noteon", 1, 62, 100),
              (1.9, "noteoff", 1, 62), (1.9, "all_sounds_off", -1), (1.9, "set_polyphony", 16)]
    energy, frames = 0.0, 64
    left, right = (ctypes.c_float * frames)(), (ctypes.c_float * frames)()
    for block in range(2 * 48000 // frames):
        while events and events[0][0] * 48000 <= block * frames:
            _, what, *words = events.pop(0)
            getattr(lib, f"fluid_synth_{what}")(synth, *words)
        lib.fluid_synth_write_float(synth, frames, left, 0, 1, right, 0, 1)
        energy += sum(x * x for x in left) + sum(x * x for x in right)
    return 10 * math.log10(1.5 ** 2 * energy / (2 * 2 * 48000))


def kit():
    keys = [(0.1, 35), (0.4, 36), (0.7, 37), (0.9, 38), (1.2, 39), (1.5, 40), (1.8, 46), (2.0, 42), (2.2, 44), (2.3, 41), (2.6, 50), (2.9, 49), (3.3, 51),
            (3.6, 55), (3.9, 54), (4.1, 56), (4.3, 70), (4.4, 75), (4.5, 77), (4.6, 60)]
    return Synth("organ", room=0).play(5, [(at, "hit", key, 110) for at, key in keys], Drums())


SCORES = {f.__name__: f for f in (loop, overdub, undo, rates, scenes, mixer, quantize, cycles, pauses, monitor, metronome, tempo_from_loop, patch, files, lanes, room,
                                  synth_leaves, synth_shapes, steps, notes, note_scenes, bard, chords, arpeggio, drums, kit, enchanter, reaper, fluid)}
SCORES.update({f"voice_{name}": voice(name) for name in VOICES})

if __name__ == "__main__":
    for name in sys.argv[1:] or SCORES:
        computed = SCORES[name]()
        print(f"{name}\t{'-' if computed is None else f'{computed:.3f}'}", flush=True)
