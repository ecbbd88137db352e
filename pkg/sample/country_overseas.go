package sample

func unitedStates() country {
	return country{
		name: "United States", weight: 22, domain: "mailbox.example", layout: "N S", trend: [3]int{19, -4, 8},
		given: names(`Emma Liam Olivia Noah Ava Elijah Sophia James Isabella Mateo Mia DeShawn Charlotte
			Ethan Guadalupe Zachary`),
		family: names(`Johnson Williams Brown Garcia Miller Davis Rodriguez Wilson Anderson Thomas
			Nguyen Jackson O'Connor=oconnor Washington Kowalski Ramirez`),
		places: []place{
			{"New York", "100##"}, {"Los Angeles", "900##"}, {"Chicago", "606##"}, {"Houston", "770##"},
			{"Seattle", "981##"}, {"Austin", "787##"}, {"Boston", "021##"}, {"Denver", "802##"}, {"Atlanta", "303##"},
		},
		streets: []string{
			"Main Street", "Oak Avenue", "Maple Drive", "Washington Boulevard", "Sunset Lane", "Cedar Court",
			"Lakeview Terrace", "Martin Luther King Jr. Way", "Elm Street",
		},
		second: []string{"Apt #@", "Apt ###", "Suite ##0", "Unit #", "Building @, Floor #"},
	}
}

func japan() country {
	return country{
		name: "Japan", weight: 9, domain: "yubin.example", layout: "SN", trend: [3]int{2, 3, -9}, familyFirst: true,
		given: names(`美咲=misaki 翔太=shota 陽菜=hina 大輔=daisuke さくら=sakura 健太=kenta 結衣=yui 蓮=ren 葵=aoi 直樹=naoki
			由美子=yumiko 拓海=takumi 千尋=chihiro 隆=takashi 恵=megumi 一郎=ichiro`),
		family: names(`佐藤=sato 鈴木=suzuki 高橋=takahashi 田中=tanaka 伊藤=ito 渡辺=watanabe 山本=yamamoto 中村=nakamura
			小林=kobayashi 加藤=kato 吉田=yoshida 佐々木=sasaki 松本=matsumoto 井上=inoue 長谷川=hasegawa 森=mori`),
		places: []place{
			{"東京都渋谷区", "150-00##"}, {"東京都新宿区", "160-00##"}, {"大阪市北区", "530-00##"}, {"横浜市中区", "231-00##"},
			{"名古屋市中区", "460-00##"}, {"札幌市中央区", "060-00##"}, {"福岡市博多区", "812-00##"}, {"京都市左京区", "606-80##"},
		},
		streets: []string{"桜丘町", "緑が丘一丁目", "本町二丁目", "富士見三丁目", "若葉台", "旭町四丁目", "青葉町", "栄一丁目"},
		second:  []string{"コーポ桜#0#号室", "#階", "メゾン青葉#0#", "グリーンハイツ@棟#0#"},
	}
}

func brazil() country {
	return country{
		name: "Brazil", weight: 5, domain: "correio.example", layout: "S, N", trend: [3]int{30, 20, 12}, south: true,
		given: names(`Ana João=joao Beatriz Gabriel Larissa Lucas Júlia=julia Rafael Letícia=leticia Thiago Luiza
			Caio Vitória=vitoria Henrique Antônia=antonia Murilo`),
		family: names(`Silva Santos Oliveira Souza Pereira Costa Rodrigues Almeida Araújo=araujo Conceição=conceicao
			Carvalho Magalhães=magalhaes Barbosa Assunção=assuncao Teixeira Guimarães=guimaraes`),
		places: []place{
			{"São Paulo", "01###-##0"}, {"Rio de Janeiro", "20###-##0"}, {"Belo Horizonte", "30###-##0"},
			{"Curitiba", "80###-##0"}, {"Porto Alegre", "90###-##0"}, {"Brasília", "70###-##0"},
			{"Florianópolis", "88###-##0"}, {"Maceió", "57###-##0"},
		},
		streets: []string{
			"Rua das Flores", "Avenida Paulista", "Rua São João", "Travessa da Paz", "Alameda dos Ipês",
			"Avenida Sete de Setembro", "Rua da Assunção", "Praça da Sé",
		},
		second: []string{"Apto ###", "Bloco @, apto ##", "Casa #", "Fundos"},
	}
}

func australia() country {
	return country{
		name: "Australia", weight: 4, domain: "postbag.example", layout: "N S", trend: [3]int{5, 15, 10}, south: true,
		given: names(`Charlotte Jack Matilda Cooper Ruby Lachlan Zara Angus Willow Archie Kirra Declan
			Mei Xavier Tahlia Bruce`),
		family: names(`Smith Nguyen Kelly Murphy Chen Wilson Singh McDonald Papadopoulos Fraser Harris
			Mitchell O'Brien=obrien Walsh Rossi Campbell`),
		places: []place{
			{"Sydney", "20##"}, {"Melbourne", "30##"}, {"Brisbane", "40##"}, {"Perth", "60##"}, {"Adelaide", "50##"},
			{"Hobart", "70##"}, {"Darwin", "08##"},
		},
		streets: []string{
			"Wattle Street", "Harbour Esplanade", "Eucalyptus Drive", "King William Road", "Beach Parade",
			"Jacaranda Avenue", "Murray Court", "Banksia Lane",
		},
		second: []string{"Unit #", "Unit ##", "Level #", "Shed @, Rear Lane"},
	}
}
