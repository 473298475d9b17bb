"""The game, a program of its own: `python -m screen_bot.game [SEED]`. It knows nothing of bots.

Press the button to start. Steer with the arrow keys, collect the coins, keep away from the mines: they send you back
and cost three seconds. A gate between two rooms opens to the word that it shows. Exit status: 0 won, 1 lost, 2 closed.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pygame

WIDTH, HEIGHT, BAR = 640, 440, 40
BAR_COLOR, FLOOR = (40, 44, 90), (24, 26, 30)
PLAYER, COIN, BUTTON, TEXT = (70, 130, 250), (250, 210, 40), (40, 150, 90), (240, 240, 240)
SPEED, REACH, RADIUS = 220.0, 22.0, 12
SECONDS = 90.0
ROOMS, COINS, MINES = 3, 2, 4
WORDS = ("TIGER", "RIVER", "PLANET", "WINDOW", "GARDEN", "MARKET", "SILVER", "WINTER")
ARROWS = {
    pygame.K_LEFT: pygame.Vector2(-1, 0),
    pygame.K_RIGHT: pygame.Vector2(1, 0),
    pygame.K_UP: pygame.Vector2(0, -1),
    pygame.K_DOWN: pygame.Vector2(0, 1),
}


class Game:
    """One round: a title, rooms with gates between them, an end."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a game, not a secret
        self._screen = pygame.display.set_mode((WIDTH, HEIGHT))
        self._font = pygame.font.Font(None, 40)
        self._mine = pygame.image.load(Path(__file__).with_name("mine.png"))
        self._button = pygame.Rect(self._random.randint(40, 400), self._random.randint(120, 340), 170, 60)
        self.phase = "title"
        self._collected = 0
        self._time = 0.0
        self._typed = ""
        self._word = ""
        self._held: set[int] = set()
        self._enter_room()

    def _enter_room(self) -> None:
        taken = [pygame.Vector2(WIDTH / 2, HEIGHT - 40)]
        self._player = taken[0].copy()
        self._mines = [self._place(taken, 110) for _ in range(MINES)]
        self._coins = [self._place(taken, 110) for _ in range(COINS)]

    def _place(self, taken: list[pygame.Vector2], apart: float) -> pygame.Vector2:
        while True:
            place = pygame.Vector2(self._random.randint(40, WIDTH - 40), self._random.randint(BAR + 40, HEIGHT - 40))
            if all(place.distance_to(other) >= apart for other in taken):
                taken.append(place)
                return place

    def handle(self, event: pygame.event.Event) -> None:
        """What the person at mouse and keyboard does."""
        if event.type == pygame.MOUSEBUTTONDOWN and self.phase == "title" and self._button.collidepoint(event.pos):
            self.phase = "room"
        elif event.type == pygame.KEYDOWN:
            self._held.add(event.key)
            if self.phase == "gate":
                self._write(event)
        elif event.type == pygame.KEYUP:
            self._held.discard(event.key)

    def _write(self, event: pygame.event.Event) -> None:
        if event.key != pygame.K_RETURN:
            self._typed += event.unicode.upper() if event.unicode.isalpha() else ""
        elif self._typed == self._word:
            self._enter_room()
            self.phase = "room"
        else:
            self._typed = ""

    def step(self, dt: float) -> None:
        """The world goes on by so many seconds."""
        if self.phase not in ("room", "gate"):
            return
        self._time += dt
        if self.phase == "room":
            self._move(dt)
        if self._time > SECONDS:
            self.phase = "lost"

    def _move(self, dt: float) -> None:
        for key, direction in ARROWS.items():
            if key in self._held:
                self._player += direction * SPEED * dt
        self._player.x = pygame.math.clamp(self._player.x, RADIUS, WIDTH - RADIUS)
        self._player.y = pygame.math.clamp(self._player.y, BAR + RADIUS, HEIGHT - RADIUS)
        if any(self._player.distance_to(mine) < REACH + 2 for mine in self._mines):
            self._player = pygame.Vector2(WIDTH / 2, HEIGHT - 40)
            self._time += 3.0
            return
        left = [coin for coin in self._coins if self._player.distance_to(coin) > REACH]
        self._collected += len(self._coins) - len(left)
        self._coins = left
        if self._collected == ROOMS * COINS:
            self.phase = "won"
        elif not left:
            self.phase, self._typed, self._word = "gate", "", self._random.choice(WORDS)

    def draw(self) -> None:
        """What is to be seen."""
        self._screen.fill(FLOOR)
        pygame.draw.rect(self._screen, BAR_COLOR, (0, 0, WIDTH, BAR))
        bar = {
            "title": "READY",
            "room": f"COINS {self._collected} OF {ROOMS * COINS}",
            "gate": "GATE",
            "won": "YOU WIN",
            "lost": "GAME OVER",
        }[self.phase]
        self._say(bar, 14, 8)
        if self.phase == "title":
            pygame.draw.rect(self._screen, BUTTON, self._button, border_radius=8)
            self._say("START", self._button.x + 40, self._button.y + 18)
        elif self.phase == "gate":
            self._say("THE WORD IS", 60, 140)
            self._say(self._word, 60, 200)
            self._say(self._typed, 60, 280)
        elif self.phase == "room":
            for mine in self._mines:
                self._screen.blit(self._mine, mine - pygame.Vector2(self._mine.get_size()) / 2)
            for coin in self._coins:
                pygame.draw.circle(self._screen, COIN, coin, 10)
            pygame.draw.circle(self._screen, PLAYER, self._player, RADIUS)
        pygame.display.flip()

    def _say(self, text: str, x: int, y: int) -> None:
        self._screen.blit(self._font.render(text, True, TEXT), (x, y))


def main(seed: int) -> int:
    """Play one round."""
    pygame.display.init()
    pygame.font.init()
    pygame.display.set_caption("Coins and mines")
    game, clock, shown = Game(seed), pygame.time.Clock(), 0.0
    while shown < 2.0:
        dt = clock.tick(60) / 1000
        for event in pygame.event.get():
            if event.type == pygame.QUIT:
                return 2
            game.handle(event)
        game.step(min(dt, 0.05))
        game.draw()
        shown += dt if game.phase in ("won", "lost") else 0.0
    return 0 if game.phase == "won" else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1))
