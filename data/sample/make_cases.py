"""Draws `cases.csv`: 300 invented reports across the plan's topics, ages and states.

    .venv/bin/python data/sample/make_cases.py

Times are kept as days before the loading, so that the sample is never old; the loader turns them
into moments. The seed is fixed: the same grids give the same file.
"""

import csv
from pathlib import Path

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).parent
COUNT = 300
SEED = 20260301
MARKET, MORE, WITHIN_M = "利民社区", 6.0, 350.0
OPEN_STATES = {
    "reported": 26, "verifying": 8, "opened": 8, "dispatched": 24, "handling": 34, "returned": 6,
    "suspended": 4, "answered": 10, "checking": 10,
}  # fmt: skip
ENDED_STATES = {"closed": 158, "not_accepted": 7, "cancelled": 5}

# How often the plan's things go wrong, and how people say it. {p} is a place.
WORDS: dict[str, tuple[int, tuple[str, ...]]] = {
    "K01-037.4": (16, ("{p}路灯不亮，晚上看不清路", "{p}有一盏路灯三天没亮了", "{p}路灯坏了，老人晚上出门不方便")),
    "K01-037.3": (4, ("{p}路灯灯罩破了", "{p}路灯罩子掉了，灯泡露在外面")),
    "K01-037.2": (3, ("{p}路灯杆检修口电线露在外面，孩子常在旁边玩",)),
    "K01-037.1": (3, ("{p}路灯杆被车撞歪了",)),
    "K90-006.1": (14, ("{p}院里路灯不亮", "{p}单元门口的灯坏了")),
    "K90-001.1": (15, ("{p}单元门关不上，冷风往楼道里灌", "{p}单元门闭门器坏了", "{p}门禁坏了，门一直开着")),
    "K90-002.1": (8, ("{p}顶楼漏雨，墙皮都湿了", "{p}屋面防水破损，下雨就漏")),
    "K90-003.1": (7, ("{p}楼道灭火器过期了", "{p}消防栓箱里水带不见了")),
    "K90-004.1": (9, ("{p}充电棚断电，电动车充不上", "{p}充电插座坏了三个")),
    "K90-004.2": (3, ("{p}充电棚插座冒烟，闻到糊味",)),
    "K90-007.1": (9, ("{p}院里地砖塌了一块，老人差点摔倒", "{p}路面砖破损积水")),
    "K90-005.1": (3, ("{p}老饭桌的蒸箱坏了", "{p}老饭桌桌椅破损")),
    "K01-054.1": (5, ("{p}充电桩屏幕碎了", "{p}充电桩枪头损坏")),
    "K02-984.2": (5, ("{p}人行道地砖缺了好几块", "{p}盲道破损")),
    "K02-001.2": (3, ("{p}停车场道闸坏了",)),
    "K03-005.2": (5, ("{p}垃圾箱盖子掉了", "{p}垃圾桶破了，流出脏水")),
    "K03-001.1": (5, ("{p}公共厕所异味大，没人打扫",)),
    "K03-008.2": (4, ("{p}宣传栏玻璃碎了", "{p}宣传栏内容过期褪色")),
    "K04-002.2": (6, ("{p}行道树枯死", "{p}有棵树干死了，怕倒下来")),
    "K01-004.2": (4, ("{p}雨水箅子被树叶堵住",)),
    "E01-010.1": (18, ("{p}生活垃圾扔在桶外面", "{p}垃圾堆在路边，味道很大", "{p}楼前有好几袋垃圾没人管")),
    "E01-011.1": (8, ("{p}装修垃圾堆了一个多星期", "{p}建筑渣土占了半条路")),
    "E01-992.1": (10, ("{p}垃圾桶满了，溢到地上", "{p}厨余桶满溢，苍蝇多")),
    "E01-993.1": (6, ("{p}厨余和其他垃圾混投", "{p}分类桶混装收走")),
    "E01-008.1": (12, ("{p}有人从二楼拉线给电动车充电", "{p}飞线充电，线从窗户垂下来")),
    "E01-001.1": (4, ("{p}一楼正在搭彩钢房",)),
    "E01-017.1": (7, ("{p}绿地里狗粪多，没人清理", "{p}草坪上全是塑料袋")),
    "E01-036.1": (7, ("{p}路边堆着木料", "{p}车棚门口堆满纸箱")),
    "E01-984.1": (8, ("{p}有人遛狗不牵绳，吓到孩子", "{p}有住户养了大型犬")),
    "E01-991.1": (5, ("{p}绿化带被人开垦种菜",)),
    "E01-004.2": (5, ("{p}单元墙面被涂画", "{p}楼道墙上全是脚印和油污")),
    "E02-001.1": (9, ("{p}楼道贴满小广告", "{p}电线杆上喷了开锁电话")),
    "E04-996.1": (12, ("{p}消防通道停了三辆车，救护车进不来", "{p}消防通道被私家车堵住", "{p}消防通道放了地锁")),
    "E04-009.1": (14, ("{p}机动车乱停，堵住了出口", "{p}车停在人行道上")),
    "E04-010.1": (6, ("{p}电动车停满楼门口，轮椅过不去", "{p}共享单车堆在路口")),
    "E04-006.1": (6, ("{p}流动摊贩占道卖菜",)),
    "E04-005.1": (5, ("{p}商户把货摆到人行道上",)),
    "E04-998.1": (4, ("{p}农贸市场地面污水多",)),
    "E90-002.1": (8, ("{p}楼道里堆了旧家具", "{p}自行车棚堆满杂物")),
    "E90-001.1": (4, ("{p}棋牌室里有人吸烟", "{p}大厅没有禁烟标识")),
    "E01-029.1": (3, ("{p}夜市露天烧烤，油烟呛人",)),
    "E03-004.1": (3, ("{p}工地没有洒水，灰尘很大",)),
    "E01-025.1": (3, ("{p}沟渠里漂着垃圾",)),
    "E05-006.1": (3, ("{p}路口积水，行人过不去",)),
    "E06-004.1": (4, ("{p}门前卫生差，落叶没人扫",)),
}  # fmt: skip
SPOTS = (
    "东门", "西门", "北侧巷口", "文化广场旁", "公交站对面", "幼儿园门口", "卫生室旁", "老年活动室前", "便民超市门口",
    "1号楼前", "3号楼2单元", "5号楼北侧", "7号楼4单元", "9号楼前", "12号楼东头", "车棚旁", "健身广场",
)  # fmt: skip


def pick(rng: np.random.Generator, weights: dict[str, int], count: int) -> list[str]:
    share = np.array(list(weights.values()), dtype=float)
    return [str(v) for v in rng.choice(list(weights), size=count, p=share / share.sum())]


def point_in(shape: object, rng: np.random.Generator) -> tuple[float, float]:
    west, south, east, north = shape.bounds  # type: ignore[attr-defined]
    while True:
        point = gpd.points_from_xy([rng.uniform(west, east)], [rng.uniform(south, north)])[0]
        if shape.contains(point):  # type: ignore[attr-defined]
            return round(point.x, 6), round(point.y, 6)


def when(state: str, rng: np.random.Generator) -> tuple[float, float | str]:
    """Days before the loading that it was reported, and hours until it ended."""
    if state in ENDED_STATES:
        days = rng.uniform(3, 120)
        return days, round(float(min(np.exp(rng.normal(2.6, 1.1)), days * 24 - 1)), 1)
    mean = {"reported": 0.3, "verifying": 0.4, "opened": 0.4, "suspended": 20.0}.get(state, 1.1)
    return 0.02 + float(min(rng.exponential(mean), 40.0)), ""


def around_the_market(
    grids: gpd.GeoDataFrame, communities: gpd.GeoDataFrame
) -> NDArray[np.float64]:
    """How many times as much goes wrong in each grid, shape (n,): one part of town is crowded."""
    metres = communities.estimate_utm_crs()
    market = communities[communities["name"] == MARKET].to_crs(metres).union_all().centroid
    away = grids.to_crs(metres).centroid.distance(market).to_numpy()
    return np.asarray(1 + MORE * np.exp(-((away / WITHIN_M) ** 2)))


def main() -> None:
    rng = np.random.default_rng(SEED)
    grids = gpd.read_file(HERE.parent / "shapefiles" / "grids.shp")
    communities = gpd.read_file(HERE.parent / "shapefiles" / "communities.shp")
    names = dict(zip(communities["code"], communities["name"], strict=True))
    busy = rng.lognormal(0, 0.9, len(grids)) * around_the_market(grids, communities)
    states = [s for s, n in {**OPEN_STATES, **ENDED_STATES}.items() for _ in range(n)]
    rng.shuffle(states)
    conditions = pick(rng, {code: weight for code, (weight, _) in WORDS.items()}, COUNT)
    where = rng.choice(len(grids), size=COUNT, p=busy / busy.sum())
    with (HERE / "cases.csv").open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(
            [
                "id",
                "condition",
                "description",
                "address",
                "lon",
                "lat",
                "state",
                "days_ago",
                "ended_after_hours",
            ]
        )
        for n, (state, condition, row) in enumerate(zip(states, conditions, where, strict=True), 1):
            grid = grids.iloc[row]
            place = f"{names[grid['parent']].removesuffix('社区')}小区{rng.choice(SPOTS)}"
            lon, lat = point_in(grid.geometry, rng)
            days, ended = when(state, rng)
            words = str(rng.choice(WORDS[condition][1])).format(p=place)
            out.writerow(
                [f"S{n:03}", condition, words, place, lon, lat, state, f"{days:.3f}", ended]
            )


if __name__ == "__main__":
    main()
